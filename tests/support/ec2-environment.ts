/** Where the real service is, as its own tools are told; `EC2_*` comes before `AWS_*`. */
export interface Ec2Environment {
  readonly endpoint: string;
  readonly region: string;
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  /** Lent to departments; without it the suite expects that nobody gets access. */
  readonly accessRoleArn: string | undefined;
  /** Its name; an image of Linux on x86-64 is looked for where none is given. */
  readonly image: string | undefined;
  readonly imageOwners: readonly string[];
}

export function ec2FromEnvironment(): Ec2Environment {
  const read = (...names: string[]) => names.map((name) => process.env[name]).find((value) => value);
  const needed = (...names: string[]) => {
    const value = read(...names);
    if (value === undefined) throw new Error(`set ${names.join(" or ")}`);
    return value;
  };
  return {
    endpoint: needed("EC2_ENDPOINT", "AWS_ENDPOINT_URL_EC2").replace(/\/+$/, ""),
    region: read("EC2_REGION", "AWS_REGION", "AWS_DEFAULT_REGION") ?? "us-east-1",
    accessKeyId: needed("EC2_ACCESS_KEY_ID", "AWS_ACCESS_KEY_ID"),
    secretAccessKey: needed("EC2_SECRET_ACCESS_KEY", "AWS_SECRET_ACCESS_KEY"),
    accessRoleArn: read("EC2_ACCESS_ROLE_ARN"),
    image: read("EC2_IMAGE"),
    imageOwners: (read("EC2_IMAGE_OWNERS") ?? "amazon,self").split(","),
  };
}
