import { ProviderFault } from "../faults.ts";
import type { InstanceSpec } from "../port.ts";
import type { Client } from "./client.ts";
import { listAll } from "./pages.ts";
import { instructionSet, toImage } from "./translate.ts";
import { WireImage } from "./wire.ts";

export async function listImages(client: Client, name?: string): Promise<WireImage[]> {
  const call = { service: "image", path: ["images"], query: { name, limit: 200 } } as const;
  return (await listAll(client, call, "images", WireImage)).filter(({ status }) => status === "active");
}

/** The image by its name or id for the wanted processor; one that names no processor fits every one. */
export async function chooseImage(
  client: Client,
  spec: Pick<InstanceSpec, "image" | "architecture">,
): Promise<string> {
  const needed = instructionSet(spec.architecture);
  const named = await listImages(client, spec.image);
  const found = named.length > 0 ? named : (await listImages(client)).filter(({ id }) => id === spec.image);
  const set = (image: WireImage) => instructionSet(toImage(image).architecture);
  const image = found.find((one) => set(one) === needed) ?? found.find((one) => set(one) === "");
  if (image === undefined) {
    throw new ProviderFault("Invalid", `the cloud has no image ${spec.image} for ${needed}`);
  }
  return image.id;
}
