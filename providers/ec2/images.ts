import { DescribeImagesCommand, type Filter, type Image } from "@aws-sdk/client-ec2";
import { ProviderFault } from "../faults.ts";
import type { CallOptions, ProviderImage } from "../port.ts";
import type { Cloud } from "./cloud.ts";
import { everyPage } from "./pages.ts";
import { toImage } from "./translate.ts";

type Options = CallOptions | undefined;

export async function listImages(cloud: Cloud, options: Options): Promise<ProviderImage[]> {
  return (await imagesWhere(cloud, [], options)).map(toImage);
}

/** By id or by name; of several with one name the newest, as publishers replace an image under its name. */
export async function findImage(
  cloud: Cloud,
  image: string,
  architecture: string,
  options: Options,
): Promise<Image> {
  const key = /^ami-[0-9a-f]+$/.test(image) ? "image-id" : "name";
  const found = await imagesWhere(cloud, [{ Name: key, Values: [image] }], options);
  const [newest] = found
    .filter((candidate) => candidate.Architecture === architecture && candidate.State === "available")
    .sort((left, right) => (right.CreationDate ?? "").localeCompare(left.CreationDate ?? ""));
  if (newest !== undefined) return newest;
  throw new ProviderFault("Invalid", `no image ${image} for ${architecture}`, {
    vendorCode: "no_such_image",
  });
}

function imagesWhere({ send, connection }: Cloud, Filters: Filter[], options: Options): Promise<Image[]> {
  const Owners = connection.imageOwners;
  // No page size: some clouds refuse one together with owners, and serve everything at once.
  return everyPage(
    (token) =>
      send(
        new DescribeImagesCommand({
          Owners,
          ...(Filters.length === 0 ? {} : { Filters }),
          ...(token === undefined ? {} : { NextToken: token }),
        }),
        options,
      ),
    (output) => output.Images,
  );
}
