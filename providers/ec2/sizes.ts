import { DescribeInstanceTypesCommand, type InstanceTypeInfo } from "@aws-sdk/client-ec2";
import { ProviderFault } from "../faults.ts";
import type { CallOptions } from "../port.ts";
import type { Send } from "./client.ts";
import type { Ec2Pool } from "./connection.ts";
import { everyPage } from "./pages.ts";

/** What an instance type is, in the API's own units. */
export interface Size {
  readonly name: string;
  readonly vcpu: number;
  readonly memoryMiB: number;
  readonly architectures: readonly string[];
  readonly burstable: boolean;
  readonly current: boolean;
}

export interface Sizes {
  /** The types of these names; a name that the cloud does not know is left out. */
  named(names: Iterable<string>, options: CallOptions | undefined): Promise<ReadonlyMap<string, Size>>;
  /** A type of exactly this size for the pool; `Invalid` when there is none. */
  choose(
    pool: Ec2Pool,
    wanted: { readonly vcpu: number; readonly memoryMiB: number },
    options: CallOptions | undefined,
  ): Promise<Size>;
  /** The most of each that one instance can have. */
  largest(options: CallOptions | undefined): Promise<{ readonly vcpu: number; readonly memoryMiB: number }>;
}

const NAMES_AT_ONCE = 100;

/** Types never change once published, so each is asked for once. */
export function sizesOf(send: Send): Sizes {
  const known = new Map<string, Size>();
  const keep = (types: readonly InstanceTypeInfo[]) => {
    const sizes = types.flatMap(sizeOf);
    for (const size of sizes) known.set(size.name, size);
    return sizes;
  };
  let everything: readonly Size[] | null = null;
  const matching = (filters: Readonly<Record<string, readonly string[]>>, options: CallOptions | undefined) =>
    everyPage(
      (token) =>
        send(
          new DescribeInstanceTypesCommand({
            Filters: Object.entries(filters).map(([Name, Values]) => ({ Name, Values: [...Values] })),
            NextToken: token,
          }),
          options,
        ),
      (output) => output.InstanceTypes,
    );
  return {
    async named(names, options) {
      const missing = [...new Set(names)].filter((name) => !known.has(name));
      for (let from = 0; from < missing.length; from += NAMES_AT_ONCE) {
        // A filter, unlike a list of names, is content with names that do not exist.
        const Values = missing.slice(from, from + NAMES_AT_ONCE);
        keep(await matching({ "instance-type": Values }, options));
      }
      return known;
    },
    async choose(pool, { vcpu, memoryMiB }, options) {
      const filters = {
        "vcpu-info.default-vcpus": [String(vcpu)],
        "memory-info.size-in-mib": [String(memoryMiB)],
        "processor-info.supported-architecture": [pool.architecture],
      };
      const fitting = keep(await matching(filters, options)).filter(
        // Not every compatible cloud honours every filter.
        (size) =>
          size.vcpu === vcpu &&
          size.memoryMiB === memoryMiB &&
          size.architectures.includes(pool.architecture) &&
          (pool.instanceTypes?.includes(size.name) ?? true),
      );
      const [best] = fitting.sort(byPreference(pool));
      if (best !== undefined) return best;
      throw new ProviderFault(
        "Invalid",
        `no instance type has exactly ${vcpu} vCPU and ${memoryMiB} MiB on ${pool.architecture}`,
        { vendorCode: "no_such_size" },
      );
    },
    async largest(options) {
      everything ??= keep(await matching({}, options));
      return {
        vcpu: Math.max(0, ...everything.map((size) => size.vcpu)),
        memoryMiB: Math.max(0, ...everything.map((size) => size.memoryMiB)),
      };
    },
  };
}

/** The operator's order first; else what is sold today and does not slow down under load, then by name. */
function byPreference({ instanceTypes = [] }: Ec2Pool) {
  const rank = ({ name, burstable, current }: Size) => [
    instanceTypes.indexOf(name),
    Number(!current),
    Number(burstable),
  ];
  return (left: Size, right: Size): number => {
    const ranks = rank(right);
    for (const [index, mine] of rank(left).entries()) {
      const difference = mine - (ranks[index] ?? 0);
      if (difference !== 0) return difference;
    }
    return left.name < right.name ? -1 : 1;
  };
}

function sizeOf(type: InstanceTypeInfo): Size[] {
  const name = type.InstanceType;
  const vcpu = type.VCpuInfo?.DefaultVCpus;
  const memoryMiB = type.MemoryInfo?.SizeInMiB;
  if (name === undefined || vcpu === undefined || memoryMiB === undefined) return [];
  return [
    {
      name,
      vcpu,
      memoryMiB,
      architectures: type.ProcessorInfo?.SupportedArchitectures ?? [],
      burstable: type.BurstablePerformanceSupported ?? false,
      current: type.CurrentGeneration ?? true,
    },
  ];
}
