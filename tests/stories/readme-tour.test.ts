import { spawnSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, test } from "vitest";
import { YunhengProcess } from "../support/process.ts";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const START = "<!-- tour -->";
const END = "<!-- /tour -->";

let yunheng: YunhengProcess;
beforeAll(async () => {
  yunheng = new YunhengProcess();
  await yunheng.start();
});
afterAll(() => yunheng.dispose());

/** A code block of the tour: lines to type, or the answer to the lines before it. */
interface Block {
  readonly language: string;
  readonly text: string;
}

function blocksOf(readme: string): Block[] {
  const tour = readme.slice(readme.indexOf(START), readme.indexOf(END));
  return [...tour.matchAll(/^```(\w*)\n(.*?)^```$/gms)].map(([, language = "", text = ""]) => ({
    language,
    text,
  }));
}

/** Types every line of the tour into one shell, and cuts what it prints at the ends of the blocks. */
function play(blocks: readonly Block[]): string[] {
  const CUT = "=====";
  const script = blocks
    .filter(({ language }) => language === "sh")
    .map(({ text }) => `${text}printf '%s\\n' '${CUT}'\n`)
    .join("")
    .replaceAll("http://127.0.0.1:8080", yunheng.url)
    .replaceAll(".yunheng/", `${yunheng.dataDir}/`);
  const ran = spawnSync("bash", ["-c", script], {
    cwd: ROOT,
    encoding: "utf8",
    env: { ...process.env, DATA_DIR: yunheng.dataDir, LOG_LEVEL: "silent", FORCE_COLOR: "0", NO_COLOR: "1" },
  });
  return ran.stdout.split(`${CUT}\n`).slice(0, -1);
}

/** Ids and counts differ from run to run, words do not. */
const withoutFigures = (text: string) =>
  text
    .replaceAll(/[a-z]{2,4}_[0-9a-f-]{36}/g, "ID")
    .replaceAll(/\d+/g, "N")
    .trim();

test("the tour of the README, line by line, gives the answers it shows", () => {
  const readme = readFileSync(`${ROOT}README.md`, "utf8");
  const blocks = blocksOf(readme);
  const answers = play(blocks);
  const shown = blocks.flatMap((block, index) => {
    if (block.language !== "sh") return [];
    const next = blocks[index + 1];
    return [next !== undefined && next.language === "" ? next.text : ""];
  });
  if (process.env.UPDATE_README === "1") writeFileSync(`${ROOT}README.md`, withAnswers(readme, answers));
  else expect(answers.map(withoutFigures)).toEqual(shown.map(withoutFigures));
});

test("the Chinese README has the same tour, with Chinese words in its answers", () => {
  const commandsOf = (file: string) =>
    blocksOf(readFileSync(`${ROOT}${file}`, "utf8"))
      .filter(({ language }) => language === "sh")
      .map(({ text }) => inOneLanguage(text));
  expect(commandsOf("README.zh-CN.md")).toEqual(commandsOf("README.md"));
});

/** Comments, the language asked for, and the words between figures may differ. */
function inOneLanguage(text: string): string {
  return text
    .replaceAll(/ # .*/g, "")
    .replaceAll("messageZh", "message")
    .replaceAll(".zh", ".en")
    .replaceAll(/"(: |：符合 | pass, |，不符合 | fail)"/g, '"…"')
    .replaceAll(/ \+ "…"(?=\))/g, "");
}

function withAnswers(readme: string, answers: readonly string[]): string {
  let turn = -1;
  const before = readme.slice(0, readme.indexOf(START));
  const tour = readme.slice(before.length, readme.indexOf(END));
  const filled = tour.replaceAll(/^```(\w*)\n(.*?)^```$/gms, (block, language: string) => {
    if (language === "sh") {
      turn += 1;
      return block;
    }
    return `\`\`\`\n${(answers[turn] ?? "").trim()}\n\`\`\``;
  });
  return before + filled + readme.slice(readme.indexOf(END));
}
