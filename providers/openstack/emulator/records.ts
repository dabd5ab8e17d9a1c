/** What the emulator keeps. Times are epoch milliseconds, sizes are in OpenStack's own units. */

export interface ProjectRecord {
  id: string;
  name: string;
  description: string;
  enabled: boolean;
  tags: string[];
  createdAt: number;
}

export interface UserRecord {
  id: string;
  name: string;
  password: string;
  enabled: boolean;
  defaultProjectId: string | null;
}

export interface GroupRecord {
  id: string;
  name: string;
  description: string;
}

/** One role of a user or a group in a project. */
export interface GrantRecord {
  projectId: string;
  actor: "users" | "groups";
  actorId: string;
  roleId: string;
}

export interface CredentialRecord {
  id: string;
  name: string;
  description: string | null;
  secret: string;
  userId: string;
  projectId: string;
  expiresAt: string | null;
}

export interface TokenRecord {
  userId: string;
  projectId: string;
  expiresAt: number;
  issuedAt: number;
}

export interface FlavorRecord {
  id: string;
  name: string;
  vcpus: number;
  ram: number;
  disk: number;
}

export type ServerTask = "spawning" | "deleting" | "powering-off" | "powering-on" | "resize_prep";

export interface ServerRecord {
  id: string;
  name: string;
  projectId: string;
  userId: string;
  metadata: Record<string, string>;
  tags: string[];
  imageId: string;
  flavor: FlavorRecord;
  /** While a resize waits to be confirmed, the size before it. */
  oldFlavor: FlavorRecord | null;
  /** Null where no host had room. */
  host: string | null;
  zone: string;
  vm: "building" | "active" | "stopped" | "resized" | "error";
  task: ServerTask | null;
  taskUntil: number;
  createdAt: number;
  updatedAt: number;
}

export interface NetworkRecord {
  id: string;
  name: string;
  projectId: string;
  description: string;
  shared: boolean;
  portSecurity: boolean;
  segmentationId: number;
  tags: string[];
  revision: number;
  createdAt: number;
}

export interface SubnetRecord {
  id: string;
  name: string;
  projectId: string;
  networkId: string;
  cidr: string;
  enableDhcp: boolean;
  createdAt: number;
}

export interface PortRecord {
  id: string;
  name: string;
  projectId: string;
  networkId: string;
  macAddress: string;
  address: string | null;
  subnetId: string | null;
  deviceId: string;
  deviceOwner: string;
  description: string;
  securityGroups: string[];
  /** Made with a server, and gone with it. */
  ofServer: boolean;
  revision: number;
  createdAt: number;
}

export interface SecurityGroupRecord {
  id: string;
  name: string;
  projectId: string;
  description: string;
  createdAt: number;
}

export interface SecurityRuleRecord {
  id: string;
  projectId: string;
  groupId: string;
  direction: "ingress" | "egress";
  ethertype: "IPv4" | "IPv6";
  protocol: string | null;
  portMin: number | null;
  portMax: number | null;
  remotePrefix: string | null;
  remoteGroupId: string | null;
  description: string | null;
  serial: number;
  createdAt: number;
}

export interface ImageRecord {
  id: string;
  name: string;
  architecture: string | null;
  size: number | null;
  ownerId: string;
  visibility: string;
  createdAt: number;
}

export interface HostRecord {
  id: string;
  name: string;
  zone: string;
  serviceId: string;
  architecture: string;
  total: { VCPU: number; MEMORY_MB: number; DISK_GB: number };
  ratio: { VCPU: number; MEMORY_MB: number; DISK_GB: number };
  generation: number;
}

export interface RouterRecord {
  id: string;
  name: string;
  projectId: string;
  /** Network behind it; null where it leads nowhere. */
  gateway: string | null;
  createdAt: number;
}

export interface FloatingIpRecord {
  id: string;
  projectId: string;
  networkId: string;
  address: string;
  createdAt: number;
}

export interface VolumeRecord {
  id: string;
  projectId: string;
  name: string;
  /** GiB. */
  size: number;
  createdAt: number;
}

export type QuotaRecord = Record<string, number>;

/** Every table of one cloud, by id. */
export interface Tables {
  projects: ProjectRecord;
  users: UserRecord;
  groups: GroupRecord;
  grants: GrantRecord;
  credentials: CredentialRecord;
  tokens: TokenRecord;
  flavors: FlavorRecord;
  servers: ServerRecord;
  computeQuotas: QuotaRecord;
  networkQuotas: QuotaRecord;
  volumeQuotas: QuotaRecord;
  volumes: VolumeRecord;
  routers: RouterRecord;
  floatingIps: FloatingIpRecord;
  networks: NetworkRecord;
  subnets: SubnetRecord;
  ports: PortRecord;
  securityGroups: SecurityGroupRecord;
  securityRules: SecurityRuleRecord;
  images: ImageRecord;
  hosts: HostRecord;
}
