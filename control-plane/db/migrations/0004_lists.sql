CREATE INDEX "audit_action" ON "audit_entries" USING btree ("action","id");--> statement-breakpoint
CREATE INDEX "audit_at" ON "audit_entries" USING btree ("at");--> statement-breakpoint
CREATE INDEX "audit_request" ON "audit_entries" USING btree ("request_id");--> statement-breakpoint
CREATE INDEX "audit_account" ON "audit_entries" USING btree ((actor ->> 'accountId'),"id");--> statement-breakpoint
CREATE INDEX "audit_not_succeeded" ON "audit_entries" USING btree ("outcome","id") WHERE outcome <> 'succeeded';--> statement-breakpoint
CREATE INDEX "quota_nodes_organization" ON "quota_nodes" USING btree ("organization_id");--> statement-breakpoint
CREATE INDEX "requests_cloud" ON "tenancy_requests" USING btree ("cloud_id","id");--> statement-breakpoint
CREATE INDEX "requests_kind" ON "tenancy_requests" USING btree ("kind","id");--> statement-breakpoint
CREATE INDEX "requests_due" ON "tenancy_requests" USING btree ("due_at") WHERE due_at IS NOT NULL;--> statement-breakpoint
CREATE INDEX "requests_undecided" ON "tenancy_requests" USING btree ("organization_id") WHERE status IN ('submitted', 'accepted', 'reviewed');--> statement-breakpoint
CREATE INDEX "operations_organization" ON "operations" USING btree ("organization_id","id");--> statement-breakpoint
CREATE INDEX "operations_cloud" ON "operations" USING btree ("cloud_id","id");--> statement-breakpoint
CREATE INDEX "tenancies_status" ON "tenancies" USING btree ("status","id");--> statement-breakpoint
CREATE INDEX "tenancies_cloud_status" ON "tenancies" USING btree ("cloud_id","status","id");--> statement-breakpoint
CREATE INDEX "tenancies_running_term" ON "tenancies" USING btree ("term_end") WHERE status IN ('trial', 'in_service');