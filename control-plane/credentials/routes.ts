import { type ApiRoute, commandRoute, queryRoute } from "../http/route.ts";
import { getCredential } from "./get-credential.ts";
import { removeCredential } from "./remove-credential.ts";
import { setCredential } from "./set-credential.ts";
import { testConnection } from "./test-connection.ts";
import { ConnectionTest, CredentialBody, CredentialState, TestCredentialBody } from "./wire.ts";

const tagged = (body: CredentialState) => ({ body, generation: body.generation });

export const credentialRoutes: readonly ApiRoute[] = [
  queryRoute(
    {
      method: "get",
      path: "/clouds/{id}/credential",
      summary: {
        zh: "查看云凭证的状态（不含内容）",
        en: "State of a cloud's credential, without its content",
      },
      status: 200,
      response: CredentialState,
    },
    getCredential,
    tagged,
  ),
  commandRoute(
    {
      method: "put",
      path: "/clouds/{id}/credential",
      summary: { zh: "测试并保存云凭证", en: "Test and keep a cloud's credential" },
      body: CredentialBody,
      status: 200,
      response: CredentialState,
    },
    setCredential,
    tagged,
  ),
  commandRoute(
    {
      method: "post",
      path: "/clouds/{id}/credential/test",
      summary: { zh: "测试与云的连接", en: "Test the connection to a cloud" },
      body: TestCredentialBody,
      status: 200,
      response: ConnectionTest,
    },
    testConnection,
  ),
  commandRoute(
    {
      method: "post",
      path: "/clouds/{id}/credential/remove",
      summary: { zh: "删除云凭证", en: "Forget a cloud's credential" },
      status: 200,
      response: CredentialState,
    },
    removeCredential,
    tagged,
  ),
];
