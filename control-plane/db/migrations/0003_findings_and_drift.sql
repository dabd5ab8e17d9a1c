CREATE TABLE "cloud_syncs" (
	"cloud_id" text PRIMARY KEY NOT NULL,
	"attempted_at" timestamp with time zone,
	"synced_at" timestamp with time zone,
	"problem" text,
	"tenancies" integer DEFAULT 0 NOT NULL
);
--> statement-breakpoint
CREATE TABLE "findings" (
	"id" text PRIMARY KEY NOT NULL,
	"kind" text NOT NULL,
	"cloud_id" text NOT NULL,
	"subject" text NOT NULL,
	"details" jsonb NOT NULL,
	"status" text NOT NULL,
	"decision" jsonb,
	"first_seen_at" timestamp with time zone NOT NULL,
	"last_seen_at" timestamp with time zone NOT NULL,
	"resolved_at" timestamp with time zone,
	"generation" integer DEFAULT 1 NOT NULL,
	CONSTRAINT "findings_status" CHECK (status IN ('open', 'ignored', 'removing', 'resolved'))
);
--> statement-breakpoint
CREATE TABLE "observed_inventories" (
	"pool_id" text NOT NULL,
	"resource_class" text NOT NULL,
	"cloud_id" text NOT NULL,
	"total" bigint NOT NULL,
	"reserved" bigint NOT NULL,
	"used" bigint NOT NULL,
	"observed_at" timestamp with time zone NOT NULL,
	CONSTRAINT "observed_inventories_pool_id_resource_class_pk" PRIMARY KEY("pool_id","resource_class")
);
--> statement-breakpoint
ALTER TABLE "clouds" ADD COLUMN "on_drift" text DEFAULT 'repair' NOT NULL;--> statement-breakpoint
ALTER TABLE "clouds" ADD COLUMN "on_loss" text DEFAULT 'recreate' NOT NULL;--> statement-breakpoint
ALTER TABLE "cloud_syncs" ADD CONSTRAINT "cloud_syncs_cloud_id_clouds_id_fk" FOREIGN KEY ("cloud_id") REFERENCES "public"."clouds"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "findings" ADD CONSTRAINT "findings_cloud_id_clouds_id_fk" FOREIGN KEY ("cloud_id") REFERENCES "public"."clouds"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "observed_inventories" ADD CONSTRAINT "observed_inventories_pool_id_pools_id_fk" FOREIGN KEY ("pool_id") REFERENCES "public"."pools"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
CREATE UNIQUE INDEX "findings_unresolved" ON "findings" USING btree ("cloud_id","kind","subject") WHERE status <> 'resolved';--> statement-breakpoint
CREATE INDEX "findings_cloud" ON "findings" USING btree ("cloud_id","id");--> statement-breakpoint
CREATE INDEX "observed_inventories_cloud" ON "observed_inventories" USING btree ("cloud_id");--> statement-breakpoint
ALTER TABLE "clouds" ADD CONSTRAINT "clouds_on_drift" CHECK (on_drift IN ('repair', 'report') AND on_loss IN ('recreate', 'report'));