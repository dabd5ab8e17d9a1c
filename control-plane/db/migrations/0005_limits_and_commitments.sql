CREATE TABLE "commitments" (
	"id" text PRIMARY KEY NOT NULL,
	"quota_node_id" text NOT NULL,
	"organization_id" text,
	"pool_id" text NOT NULL,
	"cloud_id" text NOT NULL,
	"resource_class" text NOT NULL,
	"amount" bigint NOT NULL,
	"status" text NOT NULL,
	"confirm_by" date NOT NULL,
	"start" date NOT NULL,
	"expires_at" date NOT NULL,
	"note" text,
	"reason" text,
	"created_by" text,
	"created_at" timestamp with time zone NOT NULL,
	"confirmed_at" timestamp with time zone,
	"ended_at" timestamp with time zone,
	"generation" integer DEFAULT 1 NOT NULL,
	CONSTRAINT "commitments_amount" CHECK (amount > 0),
	CONSTRAINT "commitments_days" CHECK (confirm_by <= start AND start < expires_at),
	CONSTRAINT "commitments_status" CHECK (status IN ('planned', 'pending', 'guaranteed', 'confirmed', 'expired'))
);
--> statement-breakpoint
CREATE TABLE "over_limits" (
	"id" text PRIMARY KEY NOT NULL,
	"node_id" text,
	"pool_id" text,
	"resource_class" text NOT NULL,
	"cloud_id" text,
	"organization_id" text,
	"choice" text NOT NULL,
	"phase" text NOT NULL,
	"until" timestamp with time zone,
	"over" bigint NOT NULL,
	"request_ids" jsonb NOT NULL,
	"notices" jsonb NOT NULL,
	"chosen_by" text,
	"since" timestamp with time zone NOT NULL,
	"closed_at" timestamp with time zone,
	"generation" integer DEFAULT 1 NOT NULL,
	CONSTRAINT "over_limits_one_place" CHECK ((node_id IS NULL) <> (pool_id IS NULL)),
	CONSTRAINT "over_limits_over" CHECK (over > 0),
	CONSTRAINT "over_limits_choice" CHECK (choice IN ('freeze', 'grace', 'shrink')),
	CONSTRAINT "over_limits_phase" CHECK (phase = 'frozen' OR (phase = 'grace' AND until IS NOT NULL))
);
--> statement-breakpoint
ALTER TABLE "quota_limits" ADD COLUMN "frozen" boolean DEFAULT false NOT NULL;--> statement-breakpoint
ALTER TABLE "inventories" ADD COLUMN "frozen" boolean DEFAULT false NOT NULL;--> statement-breakpoint
ALTER TABLE "inventories" ADD COLUMN "promised" boolean DEFAULT false NOT NULL;--> statement-breakpoint
CREATE INDEX "commitments_binding" ON "commitments" USING btree ("pool_id","resource_class") WHERE status IN ('guaranteed', 'confirmed');--> statement-breakpoint
CREATE INDEX "commitments_live" ON "commitments" USING btree ("id") WHERE status <> 'expired';--> statement-breakpoint
CREATE INDEX "commitments_node" ON "commitments" USING btree ("quota_node_id");--> statement-breakpoint
CREATE UNIQUE INDEX "over_limits_open_node" ON "over_limits" USING btree ("node_id","resource_class") WHERE closed_at IS NULL AND node_id IS NOT NULL;--> statement-breakpoint
CREATE UNIQUE INDEX "over_limits_open_pool" ON "over_limits" USING btree ("pool_id","resource_class") WHERE closed_at IS NULL AND pool_id IS NOT NULL;--> statement-breakpoint
CREATE INDEX "over_limits_open" ON "over_limits" USING btree ("id") WHERE closed_at IS NULL;