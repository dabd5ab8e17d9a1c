ALTER TABLE "cloud_syncs" ADD COLUMN "watched_since" timestamp with time zone DEFAULT now() NOT NULL;--> statement-breakpoint
ALTER TABLE "cloud_syncs" ADD COLUMN "problem_since" timestamp with time zone;--> statement-breakpoint
ALTER TABLE "placements" ADD COLUMN "drift_fields" integer DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE "clouds" ADD COLUMN "on_capacity" text DEFAULT 'report' NOT NULL;--> statement-breakpoint
ALTER TABLE "clouds" ADD COLUMN "supports" jsonb;--> statement-breakpoint
CREATE INDEX "placements_drifted" ON "placements" USING btree ("cloud_id") WHERE drift_fields > 0;--> statement-breakpoint
ALTER TABLE "clouds" ADD CONSTRAINT "clouds_on_capacity" CHECK (on_capacity IN ('report', 'adopt'));