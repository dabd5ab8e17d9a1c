import { html } from "hono/html";

/** What a browser finds at the address until the console stands there. */
export function statusPage() {
  return html`<!doctype html>
<html lang="zh-CN">
  <head>
    <meta charset="utf-8" />
    <meta name="viewport" content="width=device-width, initial-scale=1" />
    <title>云衡 Yunheng</title>
    <link rel="icon" href="data:," />
    <style>
      body { font: 16px/1.7 system-ui, "Noto Sans CJK SC", "Microsoft YaHei", sans-serif; color: #1f2733;
        background: #f5f7fa; margin: 0; display: grid; place-items: center; min-height: 100vh; }
      main { background: #fff; border: 1px solid #dde3ea; border-radius: 8px; padding: 32px 40px; margin: 16px;
        max-width: 560px; }
      h1 { font-size: 24px; margin: 0 0 8px; }
      p { margin: 0 0 16px; color: #4a5565; }
      ul { padding: 0; margin: 0; list-style: none; }
      li { padding: 10px 0; border-top: 1px solid #eef1f5; }
      a { color: #0b57b7; }
    </style>
  </head>
  <body>
    <main>
      <h1>云衡 Yunheng</h1>
      <p>省级 1+M+N 政务云管控平面正在运行。<br /><span lang="en">The control plane is running.</span></p>
      <ul>
        <li><a href="/docs">接口文档 · API reference</a></li>
        <li><a href="/openapi.json">OpenAPI 3.1</a></li>
        <li><a href="/readyz">就绪状态 · Readiness</a></li>
      </ul>
    </main>
  </body>
</html>`;
}
