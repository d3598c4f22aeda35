import { listDepartments } from "../../departments/list.ts";
import { consoleCtx, consoleFactory } from "../env.ts";
import { renderPage } from "../render-page.tsx";
import { Status } from "../components/status.tsx";
import { Table } from "../components/table.tsx";

export const getFleet = consoleFactory.createHandlers(async (c) => {
  const { items } = await listDepartments(consoleCtx(c), { limit: 200 });
  return renderPage(
    c,
    { title: "Fleet", current: "/" },
    <Table caption="Departments" columns={["Department", "Status"]} empty="There is no department yet.">
      {items.map((department) => (
        <tr>
          <td>{department.name}</td>
          <td>
            <Status of={department.status} />
          </td>
        </tr>
      ))}
    </Table>,
  );
});
