import type { CloudRecord, ImageRecord } from "./records.ts";
import { Refusal } from "./refusal.ts";

/** CPU families and the instruction set each runs; other names count as instruction sets themselves. */
const INSTRUCTION_SETS: Readonly<Record<string, string>> = {
  kunpeng: "arm64",
  phytium: "arm64",
  hygon: "amd64",
  zhaoxin: "amd64",
  intel: "amd64",
  amd: "amd64",
  loongson: "loong64",
};

const NAMES = ["kylin-v10-sp3", "uos-server-20", "openeuler-22.03-lts", "anolis-8"];

export const DEFAULT_IMAGES: readonly ImageRecord[] = NAMES.flatMap((name) =>
  ["arm64", "amd64", "loong64"].map((architecture) => ({
    ref: `img-${name}-${architecture}`,
    name,
    architecture,
  })),
);

function instructionSet(architecture: string): string {
  return INSTRUCTION_SETS[architecture] ?? architecture;
}

/** The image by its ref or name for the wanted processor; refuses what the pool's hosts cannot run. */
export function chooseImage(
  cloud: CloudRecord,
  wanted: { readonly image: string; readonly architecture: string },
  poolArchitecture: string | null,
): ImageRecord {
  const needed = instructionSet(wanted.architecture);
  if (poolArchitecture !== null && instructionSet(poolArchitecture) !== needed) {
    throw new Refusal(422, "wrong_architecture", `the pool runs ${poolArchitecture}, not ${needed}`);
  }
  const image = cloud.images.find(
    (candidate) =>
      (candidate.name === wanted.image || candidate.ref === wanted.image) &&
      candidate.architecture === needed,
  );
  if (image === undefined) throw new Refusal(422, "unknown_image", `no image ${wanted.image} for ${needed}`);
  return image;
}
