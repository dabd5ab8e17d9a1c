-- What the database itself refuses, whoever writes to it.

CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = '23001', CONSTRAINT = TG_TABLE_NAME || '_append_only';
END $$;
--> statement-breakpoint
CREATE TRIGGER audit_entries_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON audit_entries
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
--> statement-breakpoint
CREATE TRIGGER audit_seals_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON audit_seals
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
--> statement-breakpoint
CREATE TRIGGER audit_checkpoints_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON audit_checkpoints
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
--> statement-breakpoint
CREATE TRIGGER ledger_entries_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON ledger_entries
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
--> statement-breakpoint
-- The path is kept here and not by callers, so that a scope can never be wider than the tree.
CREATE FUNCTION keep_organization_path() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE above text;
BEGIN
  IF NEW.parent_id IS NULL THEN
    NEW.path := '/' || NEW.id || '/';
    RETURN NEW;
  END IF;
  SELECT path INTO above FROM organizations WHERE id = NEW.parent_id FOR SHARE;
  IF NEW.parent_id = NEW.id OR above LIKE '%/' || NEW.id || '/%' THEN
    RAISE EXCEPTION 'organization % would be below itself', NEW.id
      USING ERRCODE = '23514', CONSTRAINT = 'organizations_no_cycle';
  END IF;
  NEW.path := coalesce(above, '/') || NEW.id || '/';
  RETURN NEW;
END $$;
--> statement-breakpoint
CREATE TRIGGER organizations_path BEFORE INSERT OR UPDATE OF id, parent_id, path ON organizations
  FOR EACH ROW EXECUTE FUNCTION keep_organization_path();
--> statement-breakpoint
-- Children follow a parent that moved: touching them makes their own trigger run.
CREATE FUNCTION move_organization_children() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  UPDATE organizations SET path = '' WHERE parent_id = NEW.id;
  RETURN NULL;
END $$;
--> statement-breakpoint
CREATE TRIGGER organizations_children AFTER UPDATE ON organizations
  FOR EACH ROW WHEN (OLD.path IS DISTINCT FROM NEW.path) EXECUTE FUNCTION move_organization_children();
--> statement-breakpoint
CREATE FUNCTION refuse_quota_cycle() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF EXISTS (
    WITH RECURSIVE up AS (
      SELECT NEW.parent_id AS id
      UNION
      SELECT parent.parent_id FROM quota_nodes parent JOIN up ON parent.id = up.id WHERE parent.parent_id IS NOT NULL
    ) SELECT 1 FROM up WHERE id = NEW.id
  ) THEN
    RAISE EXCEPTION 'quota node % would be below itself', NEW.id
      USING ERRCODE = '23514', CONSTRAINT = 'quota_nodes_no_cycle';
  END IF;
  RETURN NEW;
END $$;
--> statement-breakpoint
CREATE TRIGGER quota_nodes_no_cycle BEFORE INSERT OR UPDATE OF id, parent_id ON quota_nodes
  FOR EACH ROW EXECUTE FUNCTION refuse_quota_cycle();
