import type { RequestFacts } from "../../policy/facts.ts";
import type { Part } from "../demand.ts";
import { NO_REFUSALS, type Refusal, refusal } from "../refusal.ts";
import type { CloudSupports, SnapshotCloud } from "../snapshot.ts";

/** What a request can need of a cloud that not every cloud can do. */
type Needed = keyof CloudSupports;

const NAMES: Readonly<Record<Needed, { readonly zh: string; readonly en: string }>> = {
  instances: { zh: "创建云主机", en: "make instances" },
  resize: { zh: "调整云主机规格", en: "change the size of an instance" },
};

/**
 * A cloud whose kind cannot do what the request needs is told apart here, before anybody approves what must fail.
 * Nothing is refused to a cloud that has not said yet what it can do.
 * @param present the groups of instances that the part runs already
 */
export function capability(
  part: Part,
  cloud: SnapshotCloud,
  present: RequestFacts["instances"] = [],
): readonly Refusal[] {
  const { supports } = cloud;
  if (supports === undefined) return NO_REFUSALS;
  const lacking = neededBy(part, present).filter((name) => !supports[name]);
  if (lacking.length === 0) return NO_REFUSALS;
  return lacking.map((name) =>
    refusal(
      { cloudId: cloud.id, poolId: null, role: part.role },
      "cloud.unsupported",
      {
        zh: `“${cloud.name.zh}”不支持${NAMES[name].zh}（${name}）`,
        en: `${cloud.name.en} cannot ${NAMES[name].en} (${name})`,
      },
      { actual: false, required: name },
    ),
  );
}

/** Instances run in the primary part only. */
function neededBy({ role, request }: Part, present: RequestFacts["instances"]): Needed[] {
  const builds = request.kind === "create" || request.kind === "resize";
  if (role !== "primary" || !builds || request.instances.length === 0) return [];
  const known = new Map(present.map((group) => [group.name, group]));
  const resized = request.instances.some((group) => {
    const before = known.get(group.name);
    return before !== undefined && SIZES.some((size) => before[size] !== group[size]);
  });
  return resized ? ["instances", "resize"] : ["instances"];
}

const SIZES = ["vcpu", "memoryGiB", "diskGiB"] as const;
