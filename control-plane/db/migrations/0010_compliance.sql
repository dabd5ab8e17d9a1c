CREATE TABLE "assessment_chunks" (
	"assessment_id" text NOT NULL,
	"no" integer NOT NULL,
	"body" "bytea" NOT NULL,
	CONSTRAINT "assessment_chunks_assessment_id_no_pk" PRIMARY KEY("assessment_id","no")
);
--> statement-breakpoint
CREATE TABLE "assessments" (
	"id" text PRIMARY KEY NOT NULL,
	"trigger" text NOT NULL,
	"status" text NOT NULL,
	"requested_by" text,
	"reason" text,
	"units" jsonb,
	"base_id" text,
	"day" date,
	"policy_digest" text,
	"controls" jsonb,
	"resources" integer DEFAULT 0 NOT NULL,
	"results" integer DEFAULT 0 NOT NULL,
	"counts" jsonb,
	"input_digest" text,
	"results_digest" text,
	"progress" integer DEFAULT 0 NOT NULL,
	"problem" text,
	"created_at" timestamp with time zone NOT NULL,
	"started_at" timestamp with time zone,
	"completed_at" timestamp with time zone,
	"lease_until" timestamp with time zone,
	CONSTRAINT "assessments_status" CHECK (status IN ('pending', 'running', 'succeeded', 'failed')),
	CONSTRAINT "assessments_whole" CHECK (status <> 'succeeded' OR (results_digest IS NOT NULL AND completed_at IS NOT NULL))
);
--> statement-breakpoint
CREATE TABLE "compliance_evidence" (
	"id" text PRIMARY KEY NOT NULL,
	"control_id" text NOT NULL,
	"coverage_kind" text NOT NULL,
	"coverage_id" text NOT NULL,
	"cloud_id" text,
	"organization_id" text,
	"file_name" text NOT NULL,
	"media_type" text NOT NULL,
	"bytes" integer NOT NULL,
	"sha256" text NOT NULL,
	"note" text,
	"valid_from" date NOT NULL,
	"valid_until" date NOT NULL,
	"uploaded_by" text,
	"uploaded_by_name" text NOT NULL,
	"uploaded_at" timestamp with time zone NOT NULL,
	"withdrawn_at" timestamp with time zone,
	"withdrawn_by" text,
	"withdrawn_reason" text,
	"generation" integer DEFAULT 1 NOT NULL,
	CONSTRAINT "compliance_evidence_days" CHECK (valid_from <= valid_until),
	CONSTRAINT "compliance_evidence_coverage" CHECK ((coverage_kind = 'province') = (coverage_id = ''))
);
--> statement-breakpoint
CREATE TABLE "compliance_evidence_files" (
	"evidence_id" text PRIMARY KEY NOT NULL,
	"content" "bytea" NOT NULL
);
--> statement-breakpoint
CREATE TABLE "compliance_finding_events" (
	"id" bigserial PRIMARY KEY NOT NULL,
	"finding_id" text NOT NULL,
	"at" timestamp with time zone NOT NULL,
	"status" text NOT NULL,
	"assignee" text,
	"due_on" date NOT NULL,
	"by" text NOT NULL,
	"reason" text
);
--> statement-breakpoint
CREATE TABLE "compliance_findings" (
	"id" text PRIMARY KEY NOT NULL,
	"resource_key" text NOT NULL,
	"control_id" text NOT NULL,
	"framework" text NOT NULL,
	"rule" text NOT NULL,
	"unit" text NOT NULL,
	"resource" jsonb NOT NULL,
	"organization_id" text,
	"cloud_id" text,
	"severity" text NOT NULL,
	"verdict" text NOT NULL,
	"shortfalls" jsonb NOT NULL,
	"status" text NOT NULL,
	"owner" text NOT NULL,
	"assignee" text,
	"due_on" date NOT NULL,
	"exemption_id" text,
	"first_seen_at" timestamp with time zone NOT NULL,
	"last_seen_at" timestamp with time zone NOT NULL,
	"resolved_at" timestamp with time zone,
	"generation" integer DEFAULT 1 NOT NULL,
	CONSTRAINT "compliance_findings_subject" UNIQUE("resource_key","control_id"),
	CONSTRAINT "compliance_findings_status" CHECK (status IN ('open', 'acknowledged', 'in_remediation', 'resolved', 'exempted', 'reopened'))
);
--> statement-breakpoint
CREATE TABLE "compliance_follow" (
	"name" text PRIMARY KEY DEFAULT 'follow' NOT NULL,
	"position" text NOT NULL
);
--> statement-breakpoint
CREATE TABLE "compliance_scores" (
	"assessment_id" text NOT NULL,
	"framework" text NOT NULL,
	"cloud_id" text NOT NULL,
	"organization_id" text NOT NULL,
	"organization_path" text,
	"at" timestamp with time zone NOT NULL,
	"counts" jsonb NOT NULL,
	CONSTRAINT "compliance_scores_assessment_id_framework_cloud_id_organization_id_pk" PRIMARY KEY("assessment_id","framework","cloud_id","organization_id")
);
--> statement-breakpoint
ALTER TABLE "assessment_chunks" ADD CONSTRAINT "assessment_chunks_assessment_id_assessments_id_fk" FOREIGN KEY ("assessment_id") REFERENCES "public"."assessments"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "compliance_evidence_files" ADD CONSTRAINT "compliance_evidence_files_evidence_id_compliance_evidence_id_fk" FOREIGN KEY ("evidence_id") REFERENCES "public"."compliance_evidence"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "compliance_scores" ADD CONSTRAINT "compliance_scores_assessment_id_assessments_id_fk" FOREIGN KEY ("assessment_id") REFERENCES "public"."assessments"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "assessments_completed" ON "assessments" USING btree ("completed_at") WHERE status = 'succeeded';--> statement-breakpoint
CREATE INDEX "assessments_open" ON "assessments" USING btree ("id") WHERE status IN ('pending', 'running');--> statement-breakpoint
CREATE INDEX "compliance_evidence_control" ON "compliance_evidence" USING btree ("control_id","valid_until");--> statement-breakpoint
CREATE INDEX "compliance_finding_events_finding" ON "compliance_finding_events" USING btree ("finding_id","at");--> statement-breakpoint
CREATE INDEX "compliance_findings_unit" ON "compliance_findings" USING btree ("unit");--> statement-breakpoint
CREATE INDEX "compliance_findings_cloud" ON "compliance_findings" USING btree ("cloud_id","id");--> statement-breakpoint
CREATE INDEX "compliance_findings_organization" ON "compliance_findings" USING btree ("organization_id","id");--> statement-breakpoint
CREATE INDEX "compliance_findings_due" ON "compliance_findings" USING btree ("due_on") WHERE status NOT IN ('resolved', 'exempted');--> statement-breakpoint
CREATE INDEX "compliance_scores_series" ON "compliance_scores" USING btree ("framework","cloud_id","organization_id","at");