-- What an assessment has found is never rewritten: reports of any past day are made from it.

CREATE FUNCTION refuse_finished_assessment() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF OLD.status = 'succeeded' THEN
    RAISE EXCEPTION 'assessment % is finished', OLD.id
      USING ERRCODE = '23001', CONSTRAINT = 'assessments_immutable';
  END IF;
  RETURN CASE TG_OP WHEN 'DELETE' THEN OLD ELSE NEW END;
END $$;
--> statement-breakpoint
CREATE TRIGGER assessments_immutable BEFORE UPDATE OR DELETE ON assessments
  FOR EACH ROW EXECUTE FUNCTION refuse_finished_assessment();
--> statement-breakpoint
-- A run that was cut off is begun anew, so that only the chunks of a finished one are frozen.
CREATE FUNCTION refuse_finished_chunk() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE run text := CASE TG_OP WHEN 'INSERT' THEN NEW.assessment_id ELSE OLD.assessment_id END;
BEGIN
  IF EXISTS (SELECT 1 FROM assessments WHERE id = run AND status = 'succeeded') THEN
    RAISE EXCEPTION 'assessment % is finished', run
      USING ERRCODE = '23001', CONSTRAINT = 'assessment_chunks_immutable';
  END IF;
  RETURN CASE TG_OP WHEN 'DELETE' THEN OLD ELSE NEW END;
END $$;
--> statement-breakpoint
CREATE TRIGGER assessment_chunks_immutable BEFORE INSERT OR UPDATE OR DELETE ON assessment_chunks
  FOR EACH ROW EXECUTE FUNCTION refuse_finished_chunk();
--> statement-breakpoint
CREATE TRIGGER compliance_finding_events_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON compliance_finding_events
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
--> statement-breakpoint
CREATE TRIGGER compliance_evidence_files_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON compliance_evidence_files
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
--> statement-breakpoint
-- Of evidence only its withdrawal may be added.
CREATE FUNCTION refuse_changed_evidence() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'DELETE' OR OLD.withdrawn_at IS NOT NULL
     OR (NEW.id, NEW.control_id, NEW.coverage_kind, NEW.coverage_id, NEW.sha256, NEW.bytes, NEW.valid_from, NEW.valid_until, NEW.uploaded_at)
        IS DISTINCT FROM
        (OLD.id, OLD.control_id, OLD.coverage_kind, OLD.coverage_id, OLD.sha256, OLD.bytes, OLD.valid_from, OLD.valid_until, OLD.uploaded_at)
  THEN
    RAISE EXCEPTION 'evidence % may only be withdrawn', OLD.id
      USING ERRCODE = '23001', CONSTRAINT = 'compliance_evidence_immutable';
  END IF;
  RETURN NEW;
END $$;
--> statement-breakpoint
CREATE TRIGGER compliance_evidence_immutable BEFORE UPDATE OR DELETE ON compliance_evidence
  FOR EACH ROW EXECUTE FUNCTION refuse_changed_evidence();
