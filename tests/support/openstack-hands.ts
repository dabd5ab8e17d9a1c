import { setTimeout as sleep } from "node:timers/promises";

export interface OpenstackLogin {
  readonly authUrl: string;
  readonly username: string;
  readonly password: string;
  readonly project: string;
  readonly userDomain: string;
  readonly projectDomain: string;
  readonly region: string;
}

export interface Answer {
  readonly status: number;
  readonly body: unknown;
}

type Service = "identity" | "compute" | "network" | "image" | "placement";

/** Somebody at the cloud's own console: speaks its API beside the adapter, with no code of the adapter's. */
export interface Hands {
  call(service: Service, method: string, path: string, body?: unknown): Promise<Answer>;
  /** The same, and anything but success is an error. */
  done(service: Service, method: string, path: string, body?: unknown): Promise<unknown>;
  projectId(name: string): Promise<string>;
}

const VERSIONS: Readonly<Record<Service, string>> = {
  identity: "/v3",
  compute: "",
  network: "/v2.0",
  image: "/v2",
  placement: "",
};

export async function openstackHands(login: OpenstackLogin): Promise<Hands> {
  let { token, endpoints } = await signIn(login);
  const send = (service: Service, method: string, path: string, body: unknown) => {
    const base = (endpoints.get(service) ?? "").replace(/\/+$/, "");
    const version = base.endsWith(VERSIONS[service]) ? "" : VERSIONS[service];
    const isFile = typeof body === "string";
    return fetch(`${base}${version}${path}`, {
      method,
      headers: {
        "x-auth-token": token,
        "openstack-api-version": service === "placement" ? "placement 1.20" : "compute 2.87",
        ...(body === undefined
          ? {}
          : { "content-type": isFile ? "application/octet-stream" : "application/json" }),
      },
      ...(body === undefined ? {} : { body: isFile ? body : JSON.stringify(body) }),
    });
  };
  const call = async (service: Service, method: string, path: string, body?: unknown): Promise<Answer> => {
    let response = await send(service, method, path, body);
    if (response.status === 401) {
      ({ token, endpoints } = await signIn(login));
      response = await send(service, method, path, body);
    }
    const text = await response.text();
    return { status: response.status, body: text === "" ? null : parsed(text) };
  };
  const done = async (service: Service, method: string, path: string, body?: unknown) => {
    const answer = await call(service, method, path, body);
    if (answer.status < 300) return answer.body;
    throw new Error(`${method} ${path}: ${answer.status} ${JSON.stringify(answer.body)}`);
  };
  return {
    call,
    done,
    async projectId(name) {
      const found = await done("identity", "GET", `/projects?name=${encodeURIComponent(name)}`);
      const [project] = listIn(found, "projects");
      if (project === undefined) throw new Error(`there is no project ${name}`);
      return textIn(project, "id");
    },
  };
}

async function signIn(login: OpenstackLogin) {
  const user = { name: login.username, domain: { name: login.userDomain }, password: login.password };
  const auth = {
    identity: { methods: ["password"], password: { user } },
    scope: { project: { name: login.project, domain: { name: login.projectDomain } } },
  };
  const response = await fetch(`${login.authUrl.replace(/\/v3\/?$/, "")}/v3/auth/tokens`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ auth }),
  });
  const token = response.headers.get("x-subject-token");
  if (token === null) throw new Error(`no token: ${response.status} ${await response.text()}`);
  const content = (await response.json()) as object;
  const endpoints = new Map<string, string>();
  for (const entry of listIn(Reflect.get(content, "token"), "catalog")) {
    const open = listIn(entry, "endpoints").find(
      (endpoint) => textIn(endpoint, "interface") === "public" && textIn(endpoint, "region") === login.region,
    );
    if (open !== undefined) endpoints.set(textIn(entry, "type"), textIn(open, "url"));
  }
  return { token, endpoints };
}

export function listIn(value: unknown, key: string): object[] {
  const list: unknown = typeof value === "object" && value !== null ? Reflect.get(value, key) : undefined;
  if (!Array.isArray(list)) throw new Error(`no list ${key} in ${JSON.stringify(value)}`);
  return list.filter((item) => typeof item === "object" && item !== null);
}

export function textIn(value: object, key: string): string {
  const text: unknown = Reflect.get(value, key);
  if (typeof text !== "string") throw new Error(`no text ${key} in ${JSON.stringify(value)}`);
  return text;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text; // Glance answers with pages.
  }
}

/** Repeats until the answer has the status. */
export async function untilStatus(hands: Hands, status: number, path: string): Promise<void> {
  for (let look = 0; look < 300; look += 1) {
    if ((await hands.call("compute", "GET", path)).status === status) return;
    await sleep(100);
  }
  throw new Error(`GET ${path} is still not ${status}`);
}
