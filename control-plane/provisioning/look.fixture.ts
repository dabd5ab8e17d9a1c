import { sql } from "drizzle-orm";
import type { Story } from "./provisioning.fixture.ts";

/** What a test wants to see of a tenancy: in the database, at the cloud, in the audit log. */
export function lookAt(story: Story) {
  const tenancyRow = (id: string) => story.one(sql`SELECT * FROM tenancies WHERE id = ${id}`);
  const statusOf = async (id: string) => (await tenancyRow(id)).status;
  const placementRow = (id: string, role = "primary") =>
    story.one(sql`SELECT * FROM placements WHERE tenancy_id = ${id} AND role = ${role}`);
  const nameOf = async (id: string, role = "primary") =>
    String((await placementRow(id, role)).id).replace("_", "-");
  const operationOf = async (id: string) =>
    (await story.rows(sql`SELECT * FROM operations WHERE tenancy_id = ${id} ORDER BY id DESC`))[0] ?? {};
  const claimsOf = async (id: string) =>
    Object.fromEntries(
      (await story.rows(sql`SELECT resource_class, amount FROM claims WHERE tenancy_id = ${id}`)).map(
        (row) => [row.resource_class, Number(row.amount)],
      ),
    );
  const auditOf = async (id: string) =>
    (await story.rows(sql`SELECT action FROM audit_entries WHERE target_id = ${id} ORDER BY id`)).map(
      (row) => row.action,
    );

  /** What the cloud has of a tenancy: quota and machines by name and size. */
  const atCloud = async (id: string) => {
    const name = await nameOf(id);
    const tenancy = await story.provider.getTenancy(name);
    const { items } = await story.provider.listInstances(name);
    const machines = Object.fromEntries(items.map((one) => [one.name, one.vcpu]));
    return { state: tenancy.state, quota: tenancy.quota, isolated: tenancy.isolated, machines };
  };

  /** Tenancies at the cloud that bear the control plane's mark of this one. */
  const marked = async (id: string): Promise<string[]> => {
    const found: string[] = [];
    for (let after: string | null = ""; after !== null; ) {
      const page: Awaited<ReturnType<Story["provider"]["listTenancies"]>> =
        await story.provider.listTenancies(after === "" ? {} : { after });
      found.push(...page.items.filter((one) => one.ownership?.tenancyId === id).map((one) => one.name));
      after = page.next;
    }
    return found;
  };

  return { tenancyRow, statusOf, placementRow, nameOf, operationOf, claimsOf, auditOf, atCloud, marked };
}
