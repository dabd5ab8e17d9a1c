import { pageSchema } from "../http/page.ts";
import { type ApiRoute, commandRoute, queryRoute } from "../http/route.ts";
import { postToken } from "./issue.ts";
import { listTokens } from "./list.ts";
import { revokeToken } from "./revoke.ts";
import { IssuedToken, IssueToken, ListTokens, RevokeTokenBody, Token } from "./wire.ts";

export const tokenRoutes: readonly ApiRoute[] = [
  queryRoute(
    {
      method: "get",
      path: "/tokens",
      summary: { zh: "列出访问令牌", en: "List access tokens" },
      query: ListTokens,
      status: 200,
      response: pageSchema(Token),
    },
    listTokens,
  ),
  commandRoute(
    {
      method: "post",
      path: "/tokens",
      summary: { zh: "签发访问令牌", en: "Issue an access token" },
      body: IssueToken,
      status: 201,
      response: IssuedToken,
    },
    postToken,
  ),
  commandRoute(
    {
      method: "post",
      path: "/tokens/{id}/revoke",
      summary: { zh: "吊销访问令牌", en: "Revoke an access token" },
      body: RevokeTokenBody,
      status: 200,
      response: Token,
    },
    revokeToken,
  ),
];
