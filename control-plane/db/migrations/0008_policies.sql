CREATE TABLE "policy_decisions" (
	"id" text PRIMARY KEY NOT NULL,
	"request_id" text NOT NULL,
	"decided_at" timestamp with time zone NOT NULL,
	"set_digest" text NOT NULL,
	"facts" jsonb NOT NULL,
	"verdict_digest" text NOT NULL,
	"outcome" text NOT NULL
);
--> statement-breakpoint
CREATE TABLE "policy_exemptions" (
	"id" text PRIMARY KEY NOT NULL,
	"policy_ids" jsonb NOT NULL,
	"validations" jsonb,
	"resources" jsonb NOT NULL,
	"category" text NOT NULL,
	"reason" text NOT NULL,
	"compensating_measure" text NOT NULL,
	"evidence" jsonb NOT NULL,
	"organization_id" text NOT NULL,
	"cloud_id" text,
	"status" text NOT NULL,
	"requested_by" text NOT NULL,
	"requested_at" timestamp with time zone NOT NULL,
	"approver" text NOT NULL,
	"approved_at" timestamp with time zone,
	"expires_on" date NOT NULL,
	"ended_at" timestamp with time zone,
	"end_reason" text,
	"noticed_days" integer,
	"generation" integer DEFAULT 1 NOT NULL,
	CONSTRAINT "policy_exemptions_status" CHECK (status IN ('requested', 'approved', 'rejected', 'revoked')),
	CONSTRAINT "policy_exemptions_two_persons" CHECK (approver <> requested_by),
	CONSTRAINT "policy_exemptions_approved_at" CHECK (status <> 'approved' OR approved_at IS NOT NULL),
	CONSTRAINT "policy_exemptions_ended_at" CHECK ((status IN ('rejected', 'revoked')) = (ended_at IS NOT NULL))
);
--> statement-breakpoint
CREATE TABLE "policy_facts" (
	"hash" text PRIMARY KEY NOT NULL,
	"value" jsonb NOT NULL
);
--> statement-breakpoint
CREATE TABLE "policy_register" (
	"name" text PRIMARY KEY DEFAULT 'register' NOT NULL,
	"epoch" bigint NOT NULL
);
--> statement-breakpoint
CREATE TABLE "policy_sets" (
	"digest" text PRIMARY KEY NOT NULL,
	"versions" jsonb NOT NULL,
	"exemption_ids" jsonb NOT NULL
);
--> statement-breakpoint
CREATE TABLE "policy_versions" (
	"id" text NOT NULL,
	"version" integer NOT NULL,
	"pack" text NOT NULL,
	"document" jsonb NOT NULL,
	"content_hash" text NOT NULL,
	"source" text NOT NULL,
	"status" text NOT NULL,
	"author" text,
	"approver" text,
	"created_at" timestamp with time zone NOT NULL,
	"activated_at" timestamp with time zone,
	"retired_at" timestamp with time zone,
	"retired_by" text,
	"reason" text,
	"generation" integer DEFAULT 1 NOT NULL,
	CONSTRAINT "policy_versions_id_version_pk" PRIMARY KEY("id","version"),
	CONSTRAINT "policy_versions_status" CHECK (status IN ('draft', 'active', 'retired')),
	CONSTRAINT "policy_versions_activated" CHECK ((status = 'draft') = (activated_at IS NULL)),
	CONSTRAINT "policy_versions_retired" CHECK ((status = 'retired') = (retired_at IS NOT NULL)),
	CONSTRAINT "policy_versions_two_persons" CHECK (status = 'draft' OR source = 'file' OR (author IS NOT NULL AND approver IS NOT NULL AND approver <> author))
);
--> statement-breakpoint
CREATE INDEX "policy_decisions_request" ON "policy_decisions" USING btree ("request_id","id");--> statement-breakpoint
CREATE INDEX "policy_exemptions_organization" ON "policy_exemptions" USING btree ("organization_id","id");--> statement-breakpoint
CREATE INDEX "policy_exemptions_approved" ON "policy_exemptions" USING btree ("expires_on") WHERE status = 'approved';