/** The pools of a run against a real service: one a zone, of an instruction set for which it has images. */
export function ec2RealPools(zones: readonly (string | undefined)[]) {
  const total = { VCPU: 100, MEMORY_GIB: 1_000, BLOCK_STORAGE_GIB: 10_000 };
  const [wide, narrow] = zones.map((zone) => ({ availabilityZones: [zone], architecture: "x86_64", total }));
  if (wide === undefined || narrow === undefined) throw new Error("the suite needs two availability zones");
  return { wide, narrow };
}
