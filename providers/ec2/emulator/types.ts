import { filtered } from "./filters.ts";
import type { Params } from "./params.ts";
import { Refusal } from "./refusal.ts";
import type { Scene } from "./scene.ts";
import type { Xml, XmlFields } from "./xml.ts";

export interface TypeRecord {
  readonly id: string;
  readonly vcpu: number;
  readonly memoryMiB: number;
  readonly architecture: "arm64" | "x86_64";
}

const FAMILIES = { k: "arm64", x: "x86_64" } as const;
const VCPUS = [1, 2, 3, 4, 6, 8, 10, 12, 16, 20, 24, 32, 40, 48, 64];
const GIB_PER_VCPU = [0.5, 1, 2, 4, 8, 16];
const MEMORIES_GIB = [1, 2, 3, 4, 6, 8, 12, 16, 24, 32, 48, 64, 96, 128, 192, 256, 384, 512];

/** `k.4c16g` has 4 vCPU of an ARM processor and 16 GiB. Every usual mix of both is on offer. */
export const TYPES: ReadonlyMap<string, TypeRecord> = new Map(
  Object.entries(FAMILIES).flatMap(([family, architecture]) =>
    VCPUS.flatMap((vcpu) =>
      MEMORIES_GIB.filter((gib) => isUsual(vcpu, gib)).map((gib) => {
        const id = `${family}.${vcpu}c${gib}g`;
        return [id, { id, vcpu, memoryMiB: gib * 1024, architecture }] as const;
      }),
    ),
  ),
);

function isUsual(vcpu: number, gib: number): boolean {
  return gib >= vcpu * Math.min(...GIB_PER_VCPU) && gib <= vcpu * Math.max(...GIB_PER_VCPU);
}

const PAGE = 100;

/** Pages come in the catalogue's order and are of one size, whatever is asked for. */
export function describeTypes(_scene: Scene, params: Params): XmlFields {
  const names = params.texts("InstanceType");
  for (const name of names) typeNamed(name);
  const all = [...TYPES.values()].filter(({ id }) => names.length === 0 || names.includes(id));
  const found = filtered(all, params, (type, filter) => {
    if (filter === "instance-type") return [type.id];
    if (filter === "vcpu-info.default-vcpus") return [String(type.vcpu)];
    if (filter === "memory-info.size-in-mib") return [String(type.memoryMiB)];
    return filter === "processor-info.supported-architecture" ? [type.architecture] : undefined;
  });
  const token = params.text("NextToken");
  const from = token === undefined ? 0 : Number(token);
  if (!Number.isInteger(from)) throw new Refusal("InvalidNextToken", "The specified NextToken is not valid");
  const end = from + PAGE;
  return {
    instanceTypeSet: found.slice(from, end).map(typeView),
    nextToken: end < found.length ? String(end) : undefined,
  };
}

function typeNamed(name: string): TypeRecord {
  const type = TYPES.get(name);
  if (type !== undefined) return type;
  throw new Refusal("InvalidInstanceType", `The following supplied instance types do not exist: [${name}]`);
}

function typeView({ id, vcpu, memoryMiB, architecture }: TypeRecord): Xml {
  return {
    instanceType: id,
    currentGeneration: true,
    bareMetal: false,
    burstablePerformanceSupported: false,
    processorInfo: { supportedArchitectures: [architecture] },
    vCpuInfo: { defaultVCpus: vcpu, defaultCores: vcpu, defaultThreadsPerCore: 1 },
    memoryInfo: { sizeInMiB: memoryMiB },
  };
}
