import type { OpenstackLogin } from "./openstack-hands.ts";

/** The `OS_*` variables that every OpenStack tool reads. */
export function openstackFromEnvironment(): OpenstackLogin {
  const read = (name: string, otherwise?: string): string => {
    const value = process.env[name] ?? otherwise;
    if (value === undefined || value === "") throw new Error(`set ${name}: the suite needs a real OpenStack`);
    return value;
  };
  return {
    authUrl: read("OS_AUTH_URL"),
    username: read("OS_USERNAME"),
    password: read("OS_PASSWORD"),
    project: read("OS_PROJECT_NAME"),
    userDomain: read("OS_USER_DOMAIN_NAME", "Default"),
    projectDomain: read("OS_PROJECT_DOMAIN_NAME", "Default"),
    region: read("OS_REGION_NAME", "RegionOne"),
  };
}
