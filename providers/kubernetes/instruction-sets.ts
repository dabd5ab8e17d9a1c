/** The label of a node that says what its processors understand. */
export const ARCHITECTURE = "kubernetes.io/arch";

/** The instruction set of a CPU family, as nodes are labelled with it. */
const INSTRUCTION_SETS: Readonly<Record<string, string>> = {
  kunpeng: "arm64",
  phytium: "arm64",
  hygon: "amd64",
  zhaoxin: "amd64",
  intel: "amd64",
  amd: "amd64",
  loongson: "loong64",
};

/** An architecture that is not a family of the province's is taken for Kubernetes' own word. */
export function instructionSet(architecture: string): string {
  return INSTRUCTION_SETS[architecture] ?? architecture;
}
