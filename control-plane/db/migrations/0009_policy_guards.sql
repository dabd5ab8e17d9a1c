INSERT INTO policy_register (name, epoch) VALUES ('register', 0);
--> statement-breakpoint
CREATE FUNCTION keep_policy_version() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'DELETE' THEN
    IF OLD.status = 'draft' THEN
      RETURN OLD;
    END IF;
    RAISE EXCEPTION 'version % of policy % was activated', OLD.version, OLD.id
      USING ERRCODE = '23001', CONSTRAINT = 'policy_versions_immutable';
  END IF;
  IF OLD.status <> 'draft' AND (
    ROW(NEW.id, NEW.version, NEW.pack, NEW.document, NEW.content_hash, NEW.source, NEW.author, NEW.approver, NEW.activated_at)
      IS DISTINCT FROM
    ROW(OLD.id, OLD.version, OLD.pack, OLD.document, OLD.content_hash, OLD.source, OLD.author, OLD.approver, OLD.activated_at)
    OR NEW.status = 'draft' OR OLD.status = 'retired'
  ) THEN
    RAISE EXCEPTION 'version % of policy % was activated', OLD.version, OLD.id
      USING ERRCODE = '23001', CONSTRAINT = 'policy_versions_immutable';
  END IF;
  RETURN NEW;
END $$;
--> statement-breakpoint
CREATE TRIGGER policy_versions_immutable BEFORE UPDATE OR DELETE ON policy_versions
  FOR EACH ROW EXECUTE FUNCTION keep_policy_version();
--> statement-breakpoint
CREATE FUNCTION keep_policy_exemption() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF ROW(NEW.id, NEW.policy_ids, NEW.validations, NEW.resources, NEW.category, NEW.requested_by, NEW.approver, NEW.expires_on)
      IS DISTINCT FROM
     ROW(OLD.id, OLD.policy_ids, OLD.validations, OLD.resources, OLD.category, OLD.requested_by, OLD.approver, OLD.expires_on)
    OR (OLD.approved_at IS NOT NULL AND NEW.approved_at IS DISTINCT FROM OLD.approved_at)
    OR (OLD.ended_at IS NOT NULL AND NEW.ended_at IS DISTINCT FROM OLD.ended_at)
  THEN
    RAISE EXCEPTION 'exemption % cannot be changed, only ended', OLD.id
      USING ERRCODE = '23001', CONSTRAINT = 'policy_exemptions_immutable';
  END IF;
  RETURN NEW;
END $$;
--> statement-breakpoint
CREATE TRIGGER policy_exemptions_immutable BEFORE UPDATE ON policy_exemptions
  FOR EACH ROW EXECUTE FUNCTION keep_policy_exemption();
--> statement-breakpoint
CREATE TRIGGER policy_exemptions_kept BEFORE DELETE OR TRUNCATE ON policy_exemptions
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
--> statement-breakpoint
CREATE TRIGGER policy_sets_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON policy_sets
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
--> statement-breakpoint
CREATE TRIGGER policy_facts_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON policy_facts
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
--> statement-breakpoint
CREATE TRIGGER policy_decisions_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON policy_decisions
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
--> statement-breakpoint
-- Rules may ask which tenancy is meant; requests that were kept before do not say it yet.
UPDATE tenancy_requests SET facts = facts || jsonb_build_object('tenancyId', coalesce(tenancy_id, ''))
  WHERE NOT facts ? 'tenancyId' AND kind <> 'create';
--> statement-breakpoint
UPDATE tenancy_requests SET facts = facts || '{"tenancyId": ""}'::jsonb WHERE NOT facts ? 'tenancyId';
