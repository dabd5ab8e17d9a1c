import type { V1ConfigMap, V1Node } from "@kubernetes/client-node";
import { ProviderFault } from "../faults.ts";
import type { CallOptions, ProviderImage } from "../port.ts";
import type { Cluster } from "./cluster.ts";
import { ARCHITECTURE, instructionSet } from "./instruction-sets.ts";
import { LABEL } from "./marks.ts";
import { everyItem } from "./pages.ts";
import { readNodes } from "./pools.ts";

/**
 * Kubernetes knows no catalogue. The cluster's operator names its images in config maps labelled
 * `yunheng.io/catalogue=images`, name to reference; where there are none, it is what the nodes have pulled.
 */
export async function listImages(
  { session }: Cluster,
  options: CallOptions | undefined,
): Promise<ProviderImage[]> {
  const { core, call } = session;
  const labelSelector = `${LABEL.catalogue}=images`;
  const catalogues = await everyItem((position) =>
    call(options, (config) => core.listConfigMapForAllNamespaces({ labelSelector, ...position }, config)),
  );
  return catalogues.length > 0 ? imagesIn(catalogues) : imagesOn(await readNodes(session, options));
}

/** What stands behind the name of an image. @throws ProviderFault `Invalid` for what the pool cannot run */
export async function referenceOf(
  cluster: Cluster,
  name: string,
  architecture: string,
  options: CallOptions | undefined,
): Promise<string> {
  const named = (await listImages(cluster, options)).filter((image) => image.name === name);
  if (named.length === 0) throw new ProviderFault("Invalid", `the cloud has no image ${name}`);
  const wanted = instructionSet(architecture);
  const image =
    named.find((candidate) => candidate.architecture === wanted) ??
    named.find((candidate) => candidate.architecture === "");
  if (image === undefined) throw new ProviderFault("Invalid", `image ${name} is not there for ${wanted}`);
  return image.ref;
}

function imagesIn(catalogues: readonly V1ConfigMap[]): ProviderImage[] {
  return catalogues.flatMap(({ metadata, data }) =>
    Object.entries(data ?? {}).map(([name, ref]) => ({
      ref: ref.trim(),
      name,
      architecture: metadata?.labels?.[ARCHITECTURE] ?? "",
    })),
  );
}

function imagesOn(nodes: readonly V1Node[]): ProviderImage[] {
  const images = new Map<string, ProviderImage>();
  for (const { metadata, status } of nodes) {
    const architecture = metadata?.labels?.[ARCHITECTURE] ?? "";
    for (const ref of status?.images?.flatMap(({ names }) => names ?? []) ?? []) {
      // The same image again by its digest is nothing that anybody would ask for.
      if (ref.includes("@")) continue;
      images.set(`${ref} ${architecture}`, { ref, name: ref, architecture });
    }
  }
  return [...images.values()];
}
