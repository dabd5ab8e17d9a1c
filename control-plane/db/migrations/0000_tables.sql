CREATE TABLE "accounts" (
	"id" text PRIMARY KEY NOT NULL,
	"name" text NOT NULL,
	"display_name" text NOT NULL,
	"organization_id" text,
	"disabled" boolean DEFAULT false NOT NULL,
	"created_at" timestamp with time zone NOT NULL,
	"generation" integer DEFAULT 1 NOT NULL,
	CONSTRAINT "accounts_name_unique" UNIQUE("name")
);
--> statement-breakpoint
CREATE TABLE "role_grants" (
	"account_id" text NOT NULL,
	"role" text NOT NULL,
	"scope_kind" text NOT NULL,
	"scope_id" text NOT NULL,
	CONSTRAINT "role_grants_account_id_role_scope_kind_scope_id_pk" PRIMARY KEY("account_id","role","scope_kind","scope_id")
);
--> statement-breakpoint
CREATE TABLE "tokens" (
	"id" text PRIMARY KEY NOT NULL,
	"account_id" text NOT NULL,
	"name" text NOT NULL,
	"secret_hash" text NOT NULL,
	"created_at" timestamp with time zone NOT NULL,
	"expires_at" timestamp with time zone NOT NULL,
	"last_used_at" timestamp with time zone,
	"revoked_at" timestamp with time zone,
	CONSTRAINT "tokens_secret_hash_unique" UNIQUE("secret_hash")
);
--> statement-breakpoint
CREATE TABLE "audit_checkpoints" (
	"seq" bigint PRIMARY KEY NOT NULL,
	"hash" text NOT NULL,
	"algorithm" text NOT NULL,
	"sealed_at" timestamp with time zone NOT NULL,
	"key_id" text NOT NULL,
	"public_key" text NOT NULL,
	"signature" text NOT NULL
);
--> statement-breakpoint
CREATE TABLE "audit_entries" (
	"id" text PRIMARY KEY NOT NULL,
	"transaction_id" "xid8" DEFAULT pg_current_xact_id() NOT NULL,
	"at" timestamp with time zone NOT NULL,
	"actor" jsonb NOT NULL,
	"action" text NOT NULL,
	"outcome" text NOT NULL,
	"target_type" text NOT NULL,
	"target_id" text NOT NULL,
	"organization_id" text,
	"cloud_id" text,
	"reason" text,
	"before" jsonb,
	"after" jsonb,
	"request_id" text NOT NULL,
	"source_address" text
);
--> statement-breakpoint
CREATE TABLE "audit_seals" (
	"seq" bigint PRIMARY KEY NOT NULL,
	"entry_id" text NOT NULL,
	"previous_hash" text NOT NULL,
	"hash" text NOT NULL,
	"algorithm" text NOT NULL,
	CONSTRAINT "audit_seals_entry_id_unique" UNIQUE("entry_id")
);
--> statement-breakpoint
CREATE TABLE "organizations" (
	"id" text PRIMARY KEY NOT NULL,
	"parent_id" text,
	"path" text DEFAULT '' NOT NULL,
	"kind" text NOT NULL,
	"level" text NOT NULL,
	"name_zh" text NOT NULL,
	"name_en" text NOT NULL,
	"jurisdiction_code" text NOT NULL,
	"sector" text DEFAULT '' NOT NULL,
	"generation" integer DEFAULT 1 NOT NULL
);
--> statement-breakpoint
CREATE TABLE "systems" (
	"id" text PRIMARY KEY NOT NULL,
	"organization_id" text NOT NULL,
	"name" text NOT NULL,
	"name_en" text DEFAULT '' NOT NULL,
	"mlps_level" integer NOT NULL,
	"data_class" text NOT NULL,
	"filing_no" text,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"generation" integer DEFAULT 1 NOT NULL,
	CONSTRAINT "systems_mlps_level" CHECK (mlps_level BETWEEN 1 AND 5)
);
--> statement-breakpoint
CREATE TABLE "claims" (
	"placement_id" text NOT NULL,
	"resource_class" text NOT NULL,
	"tenancy_id" text NOT NULL,
	"cloud_id" text NOT NULL,
	"pool_id" text NOT NULL,
	"quota_node_id" text NOT NULL,
	"amount" bigint NOT NULL,
	CONSTRAINT "claims_placement_id_resource_class_pk" PRIMARY KEY("placement_id","resource_class"),
	CONSTRAINT "claims_amount" CHECK (amount > 0)
);
--> statement-breakpoint
CREATE TABLE "holds" (
	"id" text PRIMARY KEY NOT NULL,
	"request_id" text NOT NULL,
	"state" text DEFAULT 'active' NOT NULL,
	"parts" jsonb NOT NULL,
	"expires_at" timestamp with time zone NOT NULL,
	"created_at" timestamp with time zone NOT NULL,
	"settled_at" timestamp with time zone
);
--> statement-breakpoint
CREATE TABLE "ledger_entries" (
	"id" bigserial PRIMARY KEY NOT NULL,
	"at" timestamp with time zone NOT NULL,
	"kind" text NOT NULL,
	"hold_id" text,
	"tenancy_id" text,
	"placement_id" text,
	"cloud_id" text NOT NULL,
	"pool_id" text NOT NULL,
	"quota_node_id" text NOT NULL,
	"resource_class" text NOT NULL,
	"held_delta" bigint NOT NULL,
	"used_delta" bigint NOT NULL
);
--> statement-breakpoint
CREATE TABLE "quota_limits" (
	"node_id" text NOT NULL,
	"resource_class" text NOT NULL,
	"nominal" bigint NOT NULL,
	"borrowing_limit" bigint,
	"lending_limit" bigint,
	"local_quota" bigint DEFAULT 0 NOT NULL,
	"subtree_quota" bigint DEFAULT 0 NOT NULL,
	"used" bigint DEFAULT 0 NOT NULL,
	"held" bigint DEFAULT 0 NOT NULL,
	"usage" bigint DEFAULT 0 NOT NULL,
	CONSTRAINT "quota_limits_node_id_resource_class_pk" PRIMARY KEY("node_id","resource_class"),
	CONSTRAINT "quota_limits_quantities" CHECK (nominal >= 0 AND coalesce(borrowing_limit, 0) >= 0 AND coalesce(lending_limit, 0) >= 0
        AND used >= 0 AND held >= 0 AND usage >= 0)
);
--> statement-breakpoint
CREATE TABLE "quota_nodes" (
	"id" text PRIMARY KEY NOT NULL,
	"parent_id" text,
	"kind" text NOT NULL,
	"cloud_id" text,
	"organization_id" text,
	"name_zh" text NOT NULL,
	"name_en" text NOT NULL,
	"generation" integer DEFAULT 1 NOT NULL
);
--> statement-breakpoint
CREATE TABLE "approvals" (
	"request_id" text NOT NULL,
	"account_id" text NOT NULL,
	"role" text NOT NULL,
	"plan_hash" text NOT NULL,
	"comment" text,
	"at" timestamp with time zone NOT NULL,
	CONSTRAINT "approvals_request_id_plan_hash_account_id_pk" PRIMARY KEY("request_id","plan_hash","account_id")
);
--> statement-breakpoint
CREATE TABLE "idempotency_keys" (
	"account_id" text NOT NULL,
	"key" text NOT NULL,
	"body_digest" text NOT NULL,
	"response" jsonb,
	"created_at" timestamp with time zone NOT NULL,
	CONSTRAINT "idempotency_keys_account_id_key_pk" PRIMARY KEY("account_id","key")
);
--> statement-breakpoint
CREATE TABLE "tenancy_requests" (
	"id" text PRIMARY KEY NOT NULL,
	"kind" text NOT NULL,
	"organization_id" text NOT NULL,
	"system_id" text NOT NULL,
	"cloud_id" text,
	"submitted_by" text NOT NULL,
	"body" jsonb NOT NULL,
	"status" text NOT NULL,
	"reason" text,
	"decision" jsonb NOT NULL,
	"placement" jsonb,
	"facts" jsonb NOT NULL,
	"plan" jsonb,
	"plan_hash" text,
	"hold_id" text,
	"tenancy_id" text,
	"operation_id" text,
	"due_at" timestamp with time zone,
	"created_at" timestamp with time zone NOT NULL,
	"updated_at" timestamp with time zone NOT NULL,
	"generation" integer DEFAULT 1 NOT NULL
);
--> statement-breakpoint
CREATE TABLE "events" (
	"id" bigserial PRIMARY KEY NOT NULL,
	"transaction_id" "xid8" DEFAULT pg_current_xact_id() NOT NULL,
	"at" timestamp with time zone NOT NULL,
	"type" text NOT NULL,
	"organization_id" text,
	"cloud_id" text,
	"subject_id" text NOT NULL,
	"data" jsonb NOT NULL
);
--> statement-breakpoint
CREATE TABLE "intents" (
	"id" bigserial PRIMARY KEY NOT NULL,
	"placement_id" text NOT NULL,
	"step" text NOT NULL,
	"desired_generation" integer NOT NULL,
	"client_token" text NOT NULL,
	"attempts" integer DEFAULT 0 NOT NULL,
	"vain_repeats" integer DEFAULT 0 NOT NULL,
	"state" text DEFAULT 'recorded' NOT NULL,
	"last_error" text,
	"created_at" timestamp with time zone NOT NULL,
	"updated_at" timestamp with time zone NOT NULL,
	CONSTRAINT "intents_step" UNIQUE("placement_id","step","desired_generation")
);
--> statement-breakpoint
CREATE TABLE "operations" (
	"id" text PRIMARY KEY NOT NULL,
	"kind" text NOT NULL,
	"status" text NOT NULL,
	"tenancy_id" text NOT NULL,
	"request_id" text,
	"organization_id" text NOT NULL,
	"cloud_id" text NOT NULL,
	"steps" jsonb NOT NULL,
	"progress" integer DEFAULT 0 NOT NULL,
	"error" jsonb,
	"due_at" timestamp with time zone,
	"created_at" timestamp with time zone NOT NULL,
	"updated_at" timestamp with time zone NOT NULL,
	"finished_at" timestamp with time zone,
	"generation" integer DEFAULT 1 NOT NULL
);
--> statement-breakpoint
CREATE TABLE "placements" (
	"id" text PRIMARY KEY NOT NULL,
	"tenancy_id" text NOT NULL,
	"role" text NOT NULL,
	"cloud_id" text NOT NULL,
	"pool_id" text NOT NULL,
	"quota_node_id" text NOT NULL,
	"desired" jsonb NOT NULL,
	"desired_generation" integer DEFAULT 1 NOT NULL,
	"observed" jsonb,
	"observed_generation" integer DEFAULT 0 NOT NULL,
	"observed_at" timestamp with time zone,
	"wipe_receipt" jsonb,
	CONSTRAINT "placements_role" UNIQUE("tenancy_id","role")
);
--> statement-breakpoint
CREATE TABLE "tenancies" (
	"id" text PRIMARY KEY NOT NULL,
	"organization_id" text NOT NULL,
	"system_id" text NOT NULL,
	"cloud_id" text NOT NULL,
	"environment" text NOT NULL,
	"status" text NOT NULL,
	"granted" jsonb NOT NULL,
	"request_id" text NOT NULL,
	"change_request_id" text,
	"term_start" date NOT NULL,
	"term_end" date NOT NULL,
	"confirmations" jsonb DEFAULT '[]'::jsonb NOT NULL,
	"status_reason" text,
	"created_at" timestamp with time zone NOT NULL,
	"updated_at" timestamp with time zone NOT NULL,
	"generation" integer DEFAULT 1 NOT NULL
);
--> statement-breakpoint
CREATE TABLE "clouds" (
	"id" text PRIMARY KEY NOT NULL,
	"tier" text NOT NULL,
	"name_zh" text NOT NULL,
	"name_en" text NOT NULL,
	"jurisdiction_code" text NOT NULL,
	"sector" text DEFAULT '' NOT NULL,
	"csp" text NOT NULL,
	"country" text NOT NULL,
	"operations_country" text NOT NULL,
	"mlps_level" integer NOT NULL,
	"operating_model" text NOT NULL,
	"security_assessment_valid_until" date,
	"crypto_assessment_valid_until" date,
	"provider_kind" text NOT NULL,
	"connection" jsonb NOT NULL,
	"status" text DEFAULT 'active' NOT NULL,
	"reachable" boolean DEFAULT true NOT NULL,
	"degraded_since" timestamp with time zone,
	"degraded_reason" text,
	"last_probed_at" timestamp with time zone,
	"generation" integer DEFAULT 1 NOT NULL,
	CONSTRAINT "clouds_tier" CHECK (tier IN ('provincial', 'municipal', 'industry')),
	CONSTRAINT "clouds_mlps_level" CHECK (mlps_level BETWEEN 1 AND 4),
	CONSTRAINT "clouds_status" CHECK (status IN ('active', 'suspended')),
	CONSTRAINT "clouds_operating_model" CHECK (operating_model IN ('integrated', 'separated'))
);
--> statement-breakpoint
CREATE TABLE "inventories" (
	"pool_id" text NOT NULL,
	"resource_class" text NOT NULL,
	"cloud_id" text NOT NULL,
	"total" bigint NOT NULL,
	"reserved" bigint NOT NULL,
	"min_unit" bigint NOT NULL,
	"max_unit" bigint NOT NULL,
	"step_size" bigint NOT NULL,
	"allocation_ratio_milli" bigint NOT NULL,
	"used" bigint DEFAULT 0 NOT NULL,
	"held" bigint DEFAULT 0 NOT NULL,
	CONSTRAINT "inventories_pool_id_resource_class_pk" PRIMARY KEY("pool_id","resource_class"),
	CONSTRAINT "inventories_quantities" CHECK (total >= 0 AND reserved >= 0 AND reserved <= total AND used >= 0 AND held >= 0),
	CONSTRAINT "inventories_units" CHECK (min_unit >= 1 AND max_unit >= min_unit AND step_size >= 1),
	CONSTRAINT "inventories_ratio" CHECK (allocation_ratio_milli >= 1)
);
--> statement-breakpoint
CREATE TABLE "jurisdictions" (
	"code" text PRIMARY KEY NOT NULL,
	"name_zh" text NOT NULL,
	"name_en" text NOT NULL,
	"level" text NOT NULL,
	"parent_code" text,
	"latitude" double precision NOT NULL,
	"longitude" double precision NOT NULL
);
--> statement-breakpoint
CREATE TABLE "pools" (
	"id" text PRIMARY KEY NOT NULL,
	"cloud_id" text NOT NULL,
	"zone_id" text NOT NULL,
	"name_zh" text NOT NULL,
	"name_en" text NOT NULL,
	"architecture" text NOT NULL,
	"mlps_level" integer NOT NULL,
	"dedicated" boolean NOT NULL,
	"tenant_isolation" boolean NOT NULL,
	"encryption" boolean NOT NULL,
	"fault_domains" integer NOT NULL,
	"traits" text[] NOT NULL,
	"status" text DEFAULT 'active' NOT NULL,
	"generation" integer DEFAULT 1 NOT NULL,
	CONSTRAINT "pools_mlps_level" CHECK (mlps_level BETWEEN 1 AND 4),
	CONSTRAINT "pools_fault_domains" CHECK (fault_domains >= 1),
	CONSTRAINT "pools_status" CHECK (status IN ('active', 'suspended'))
);
--> statement-breakpoint
CREATE TABLE "price_lists" (
	"id" text PRIMARY KEY NOT NULL,
	"name_zh" text NOT NULL,
	"name_en" text NOT NULL,
	"effective_from" date NOT NULL,
	"fen_per_unit_month" jsonb NOT NULL
);
--> statement-breakpoint
CREATE TABLE "zones" (
	"id" text PRIMARY KEY NOT NULL,
	"cloud_id" text NOT NULL,
	"kind" text NOT NULL,
	"name_zh" text NOT NULL,
	"name_en" text NOT NULL,
	CONSTRAINT "zones_id_cloud" UNIQUE("id","cloud_id"),
	CONSTRAINT "zones_kind" CHECK (kind IN ('internet', 'extranet', 'dedicated'))
);
--> statement-breakpoint
ALTER TABLE "accounts" ADD CONSTRAINT "accounts_organization_id_organizations_id_fk" FOREIGN KEY ("organization_id") REFERENCES "public"."organizations"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "role_grants" ADD CONSTRAINT "role_grants_account_id_accounts_id_fk" FOREIGN KEY ("account_id") REFERENCES "public"."accounts"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "tokens" ADD CONSTRAINT "tokens_account_id_accounts_id_fk" FOREIGN KEY ("account_id") REFERENCES "public"."accounts"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "audit_seals" ADD CONSTRAINT "audit_seals_entry_id_audit_entries_id_fk" FOREIGN KEY ("entry_id") REFERENCES "public"."audit_entries"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "organizations" ADD CONSTRAINT "organizations_parent_id_organizations_id_fk" FOREIGN KEY ("parent_id") REFERENCES "public"."organizations"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "organizations" ADD CONSTRAINT "organizations_jurisdiction_code_jurisdictions_code_fk" FOREIGN KEY ("jurisdiction_code") REFERENCES "public"."jurisdictions"("code") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "systems" ADD CONSTRAINT "systems_organization_id_organizations_id_fk" FOREIGN KEY ("organization_id") REFERENCES "public"."organizations"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "claims" ADD CONSTRAINT "claims_pool_id_pools_id_fk" FOREIGN KEY ("pool_id") REFERENCES "public"."pools"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "claims" ADD CONSTRAINT "claims_quota_node_id_quota_nodes_id_fk" FOREIGN KEY ("quota_node_id") REFERENCES "public"."quota_nodes"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "quota_limits" ADD CONSTRAINT "quota_limits_node_id_quota_nodes_id_fk" FOREIGN KEY ("node_id") REFERENCES "public"."quota_nodes"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "quota_nodes" ADD CONSTRAINT "quota_nodes_parent_id_quota_nodes_id_fk" FOREIGN KEY ("parent_id") REFERENCES "public"."quota_nodes"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "quota_nodes" ADD CONSTRAINT "quota_nodes_cloud_id_clouds_id_fk" FOREIGN KEY ("cloud_id") REFERENCES "public"."clouds"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "quota_nodes" ADD CONSTRAINT "quota_nodes_organization_id_organizations_id_fk" FOREIGN KEY ("organization_id") REFERENCES "public"."organizations"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "approvals" ADD CONSTRAINT "approvals_request_id_tenancy_requests_id_fk" FOREIGN KEY ("request_id") REFERENCES "public"."tenancy_requests"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "tenancy_requests" ADD CONSTRAINT "tenancy_requests_organization_id_organizations_id_fk" FOREIGN KEY ("organization_id") REFERENCES "public"."organizations"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "intents" ADD CONSTRAINT "intents_placement_id_placements_id_fk" FOREIGN KEY ("placement_id") REFERENCES "public"."placements"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "placements" ADD CONSTRAINT "placements_tenancy_id_tenancies_id_fk" FOREIGN KEY ("tenancy_id") REFERENCES "public"."tenancies"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "tenancies" ADD CONSTRAINT "tenancies_organization_id_organizations_id_fk" FOREIGN KEY ("organization_id") REFERENCES "public"."organizations"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "clouds" ADD CONSTRAINT "clouds_jurisdiction_code_jurisdictions_code_fk" FOREIGN KEY ("jurisdiction_code") REFERENCES "public"."jurisdictions"("code") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "inventories" ADD CONSTRAINT "inventories_pool_id_pools_id_fk" FOREIGN KEY ("pool_id") REFERENCES "public"."pools"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "pools" ADD CONSTRAINT "pools_cloud_id_clouds_id_fk" FOREIGN KEY ("cloud_id") REFERENCES "public"."clouds"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "pools" ADD CONSTRAINT "pools_zone_of_cloud" FOREIGN KEY ("zone_id","cloud_id") REFERENCES "public"."zones"("id","cloud_id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "zones" ADD CONSTRAINT "zones_cloud_id_clouds_id_fk" FOREIGN KEY ("cloud_id") REFERENCES "public"."clouds"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE UNIQUE INDEX "role_grants_one_administrator" ON "role_grants" USING btree ("account_id") WHERE role IN ('system_administrator', 'security_administrator', 'auditor');--> statement-breakpoint
CREATE INDEX "tokens_account" ON "tokens" USING btree ("account_id");--> statement-breakpoint
CREATE INDEX "audit_order" ON "audit_entries" USING btree ("transaction_id","id");--> statement-breakpoint
CREATE INDEX "audit_target" ON "audit_entries" USING btree ("target_type","target_id");--> statement-breakpoint
CREATE INDEX "audit_organization" ON "audit_entries" USING btree ("organization_id","id");--> statement-breakpoint
CREATE INDEX "audit_cloud" ON "audit_entries" USING btree ("cloud_id","id");--> statement-breakpoint
CREATE INDEX "organizations_path" ON "organizations" USING btree ("path" text_pattern_ops);--> statement-breakpoint
CREATE UNIQUE INDEX "systems_organization_name" ON "systems" USING btree ("organization_id","name");--> statement-breakpoint
CREATE INDEX "claims_tenancy" ON "claims" USING btree ("tenancy_id");--> statement-breakpoint
CREATE INDEX "claims_pool" ON "claims" USING btree ("pool_id");--> statement-breakpoint
CREATE INDEX "claims_node" ON "claims" USING btree ("quota_node_id");--> statement-breakpoint
CREATE INDEX "holds_due" ON "holds" USING btree ("expires_at") WHERE state = 'active';--> statement-breakpoint
CREATE INDEX "holds_request" ON "holds" USING btree ("request_id");--> statement-breakpoint
CREATE INDEX "ledger_pool" ON "ledger_entries" USING btree ("pool_id","resource_class");--> statement-breakpoint
CREATE INDEX "ledger_node" ON "ledger_entries" USING btree ("quota_node_id","resource_class");--> statement-breakpoint
CREATE INDEX "ledger_hold" ON "ledger_entries" USING btree ("hold_id");--> statement-breakpoint
CREATE INDEX "quota_nodes_parent" ON "quota_nodes" USING btree ("parent_id");--> statement-breakpoint
CREATE UNIQUE INDEX "quota_nodes_department" ON "quota_nodes" USING btree ("cloud_id","organization_id") WHERE kind = 'department';--> statement-breakpoint
CREATE INDEX "idempotency_created" ON "idempotency_keys" USING btree ("created_at");--> statement-breakpoint
CREATE INDEX "requests_organization" ON "tenancy_requests" USING btree ("organization_id","id");--> statement-breakpoint
CREATE INDEX "requests_status" ON "tenancy_requests" USING btree ("status","id");--> statement-breakpoint
CREATE INDEX "requests_tenancy" ON "tenancy_requests" USING btree ("tenancy_id");--> statement-breakpoint
CREATE INDEX "events_order" ON "events" USING btree ("transaction_id","id");--> statement-breakpoint
CREATE INDEX "operations_tenancy" ON "operations" USING btree ("tenancy_id");--> statement-breakpoint
CREATE INDEX "operations_status" ON "operations" USING btree ("status","id");--> statement-breakpoint
CREATE INDEX "placements_unconverged" ON "placements" USING btree ("tenancy_id") WHERE observed_generation < desired_generation;--> statement-breakpoint
CREATE INDEX "tenancies_organization" ON "tenancies" USING btree ("organization_id","id");--> statement-breakpoint
CREATE INDEX "tenancies_cloud" ON "tenancies" USING btree ("cloud_id","id");--> statement-breakpoint
CREATE INDEX "tenancies_term" ON "tenancies" USING btree ("term_end");--> statement-breakpoint
CREATE UNIQUE INDEX "clouds_one_provincial" ON "clouds" USING btree ("tier") WHERE tier = 'provincial';--> statement-breakpoint
CREATE INDEX "pools_cloud" ON "pools" USING btree ("cloud_id");