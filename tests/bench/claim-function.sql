-- The baseline of `bench claims`: one claim in one statement, the plainest way that is right. It locks the chain from
-- the root to the leaf and then the pool, does the arithmetic of the borrow/lend tree (docs/architecture.md), and
-- leaves the rows that the product leaves. The product itself has this arithmetic in TypeScript alone.
CREATE FUNCTION bench_claim(
  node text, cloud text, pool text, classes text[], amounts bigint[],
  hold text, request text, tenancy text, placement text, parts jsonb, at timestamptz
) RETURNS boolean LANGUAGE plpgsql AS $$
DECLARE
  chain text[];
  link record;
  stock record;
  wanted bigint;
  rest bigint;
  before bigint;
  room bigint;
  cap bigint;
BEGIN
  WITH RECURSIVE up AS (
    SELECT id, parent_id, 0 AS height FROM quota_nodes WHERE id = node
    UNION ALL
    SELECT above.id, above.parent_id, up.height + 1 FROM quota_nodes above JOIN up ON up.parent_id = above.id
  )
  SELECT array_agg(id ORDER BY height DESC) INTO chain FROM up;

  PERFORM 1 FROM unnest(chain) WITH ORDINALITY AS step (id, place)
    JOIN quota_limits ON quota_limits.node_id = step.id AND quota_limits.resource_class = ANY (classes)
   ORDER BY step.place, quota_limits.resource_class FOR UPDATE OF quota_limits;
  PERFORM 1 FROM inventories WHERE pool_id = pool AND resource_class = ANY (classes)
   ORDER BY pool_id, resource_class FOR UPDATE;

  FOR i IN 1 .. array_length(classes, 1) LOOP
    wanted := amounts[i];
    room := NULL;
    FOR link IN
      SELECT quota_limits.* FROM unnest(chain) WITH ORDINALITY AS step (id, place)
        JOIN quota_limits ON quota_limits.node_id = step.id AND quota_limits.resource_class = classes[i]
       ORDER BY step.place
    LOOP
      IF room IS NULL THEN
        room := link.subtree_quota - link.usage;
      ELSE
        IF link.borrowing_limit IS NOT NULL THEN
          cap := link.subtree_quota - link.local_quota - greatest(0, link.usage - link.local_quota)
               + link.borrowing_limit;
          room := least(room, cap);
        END IF;
        room := room + greatest(0, link.local_quota - link.usage);
      END IF;
    END LOOP;
    IF room IS NULL OR wanted > room THEN RETURN false; END IF;
    SELECT * INTO stock FROM inventories WHERE pool_id = pool AND resource_class = classes[i];
    IF wanted > (stock.total - stock.reserved) * stock.allocation_ratio_milli / 1000 - stock.used - stock.held THEN
      RETURN false;
    END IF;
  END LOOP;

  FOR i IN 1 .. array_length(classes, 1) LOOP
    rest := amounts[i];
    FOR step IN REVERSE array_length(chain, 1) .. 1 LOOP
      EXIT WHEN rest = 0;
      SELECT * INTO link FROM quota_limits WHERE node_id = chain[step] AND resource_class = classes[i];
      before := greatest(0, link.usage - link.local_quota);
      UPDATE quota_limits
         SET usage = usage + rest, used = used + CASE WHEN node_id = node THEN amounts[i] ELSE 0 END
       WHERE node_id = chain[step] AND resource_class = classes[i];
      rest := greatest(0, link.usage + rest - link.local_quota) - before;
    END LOOP;
    UPDATE inventories SET used = used + amounts[i] WHERE pool_id = pool AND resource_class = classes[i];
  END LOOP;

  INSERT INTO holds (id, request_id, state, parts, expires_at, created_at, settled_at)
  VALUES (hold, request, 'committed', parts, at + interval '21 days', at, at);
  INSERT INTO ledger_entries (at, kind, hold_id, cloud_id, pool_id, quota_node_id, resource_class, held_delta, used_delta)
  SELECT at, 'hold', hold, cloud, pool, node, class, amount, 0 FROM unnest(classes, amounts) AS wish (class, amount);
  INSERT INTO ledger_entries (at, kind, hold_id, tenancy_id, placement_id, cloud_id, pool_id, quota_node_id,
                              resource_class, held_delta, used_delta)
  SELECT at, 'commit', hold, tenancy, placement, cloud, pool, node, class, -amount, amount
    FROM unnest(classes, amounts) AS wish (class, amount);
  INSERT INTO claims (placement_id, resource_class, tenancy_id, cloud_id, pool_id, quota_node_id, amount)
  SELECT placement, class, tenancy, cloud, pool, node, amount FROM unnest(classes, amounts) AS wish (class, amount);
  RETURN true;
END
$$;
