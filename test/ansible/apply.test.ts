import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { join } from "node:path";
import { randomPassword, scramVerifier } from "../../src/crypto/scram.ts";
import { imageChanges, writeControlPlaneImage } from "./control-plane-image.ts";
import { execute } from "./execute.ts";
import { addresses, group, inventory, type Name, settings } from "./installation.ts";
import { internet, type Machines, startMachines } from "./machines.ts";
import { type Playbooks, preparePlaybooks, type Run } from "./playbook.ts";

let machines: Machines;
let playbooks: Playbooks;
let first: Pick<Run, "output" | "failed">;
let second: Run;

beforeAll(async () => {
  machines = await startMachines(addresses);
  playbooks = await preparePlaybooks(machines, inventory, settings);
  const tar = join(machines.share, "control-plane.tar");
  await writeControlPlaneImage(machines.image, machines.directory, tar);
  expect((await playbooks.run("certificates.yml")).failed).toEqual([]);
  // The engine has to have the image before the role that starts it: here it comes from no registry.
  const hosts = await playbooks.run("site.yml", "--tags", "base,docker");
  if (hosts.failed.length === 0) await importImages();
  const rest = await playbooks.run("site.yml", "--skip-tags", "base,docker");
  first = { output: hosts.output + rest.output, failed: [...hosts.failed, ...rest.failed] };
  second = await playbooks.run("site.yml");
  listen();
}, 1_200_000);

afterAll(async () => await machines?.stop(), 60_000);

const ssh = (name: Name, command: string) => machines.ssh(name, command);
const psql = (name: Name, sql: string, database = "postgres") =>
  machines
    .ssh(name, `runuser -u postgres -- psql -v ON_ERROR_STOP=1 -qAt ${database}`, sql)
    .then((out) => out.trim());

async function importImages() {
  const changes = imageChanges.map((line) => `--change '${line}'`).join(" ");
  await ssh("edge", `docker import ${changes} /srv/share/control-plane.tar federation:test`);
  for (const name of ["edge", "db2"] as const) await ssh(name, importBusybox);
}

const importBusybox = `
mkdir -p /tmp/busybox/bin && cp /bin/busybox /tmp/busybox/bin/
for name in sh nc sleep nslookup httpd; do ln -sf busybox /tmp/busybox/bin/$name; done
tar -C /tmp/busybox -c . | docker import - busybox:test`;

/** What the internet is here: it answers on two ports of every address. */
function listen() {
  const script = `for (const port of [8080, 9090]) Bun.serve({ port, hostname: "0.0.0.0", fetch: () => new Response("hello") });`;
  Bun.spawn(machines.inside([process.execPath, "-e", script]), { stdio: ["ignore", "ignore", "inherit"] });
}

/** Whether a connection can be made: by the machine, by a container on it, or from outside. */
const opens = {
  host: (name: Name, address: string | undefined, port: number) =>
    isDone(ssh(name, `timeout 3 bash -c 'exec 3<>/dev/tcp/${address}/${port}'`)),
  container: (name: Name, address: string | undefined, port: number) =>
    isDone(ssh(name, `docker run --rm busybox:test nc -w 3 ${address} ${port} </dev/null`)),
  outside: (address: string | undefined, port: number) =>
    isDone(execute(machines.inside(["timeout", "3", "bash", "-c", `exec 3<>/dev/tcp/${address}/${port}`]))),
};

const isDone = (promise: Promise<unknown>) =>
  promise.then(
    () => true,
    () => false,
  );

test("the first run goes through, and every unit of every machine runs", async () => {
  expect(first.failed).toEqual([]);
  for (const name of ["edge", "db1", "db2"] as const) {
    expect(await ssh(name, "systemctl --failed --no-legend --plain")).toBe("");
    expect((await ssh(name, "systemctl is-system-running")).trim()).toBe("running");
  }
});

test("a second run changes nothing", () => {
  expect(second.ok).toBeGreaterThan(100);
  expect([...second.failed, ...second.changed]).toEqual([]);
});

test("a second run of the certificates makes none anew", async () => {
  const { failed, changed } = await playbooks.run("certificates.yml");
  expect([...failed, ...changed]).toEqual([]);
}, 120_000);

test("no secret of the vault is printed, in a command line, or in a file that everybody may read", async () => {
  const secrets = Object.values(playbooks.secrets);
  expect(secrets.length).toBeGreaterThan(4);
  expect(secrets.filter((secret) => (first.output + second.output).includes(secret))).toEqual([]);
  for (const name of ["edge", "db1", "db2"] as const) {
    const patterns = `cat >/root/patterns; chmod 600 /root/patterns; `;
    const seen = `ps axww -o args | grep -Ff /root/patterns; find / -xdev -type f -perm -o+r -size -4M -newer /etc/hostname \
      ! -path '/proc/*' -exec setpriv --reuid=65534 --clear-groups cat {} + 2>/dev/null | grep -acFf /root/patterns || true`;
    expect((await machines.ssh(name, patterns + seen, secrets.join("\n"))).trim()).toBe("0");
  }
});

describe("Postgres", () => {
  test("what the primary commits is on the replica, over TLS and a slot", async () => {
    await psql("db1", "create table marker as select 1 as value");
    const seen = async () => await psql("db2", "select to_regclass('marker') is not null").catch(String);
    while ((await seen()) !== "t") await Bun.sleep(200);
    const connection = `select r.state, s.ssl, s.version in ('TLSv1.2', 'TLSv1.3'), l.active
      from pg_stat_replication r join pg_stat_ssl s using (pid) join pg_replication_slots l on l.active_pid = r.pid`;
    expect(await psql("db1", connection)).toBe("streaming|t|t|t");
    expect(await psql("db2", "select pg_is_in_recovery()")).toBe("t");
  });

  test("it is open for the hosts of the inventory only, and never without TLS", async () => {
    expect(await opens.host("edge", addresses.db1, 5432)).toBe(true);
    expect(await opens.outside(addresses.db1, 5432)).toBe(false);
    const plain = `psql 'host=db1 user=replicator dbname=postgres sslmode=disable' 2>&1 || true`;
    expect(await ssh("db2", plain)).toMatch(/no pg_hba.conf entry|pg_hba.conf rejects/);
  });

  test("a host that is not what the inventory says is left alone", async () => {
    const turned = {
      all: { children: { ...group("postgres_primary", "db2"), ...group("postgres_replicas", "db1") } },
    };
    const file = join(playbooks.directory, "turned.yml");
    const { all } = inventory;
    const children = { ...all.children, ...turned.all.children };
    await Bun.write(file, JSON.stringify({ all: { ...all, children } }));
    const run = await playbooks.run("site.yml", "-i", "turned.yml", "--tags", "postgres", "--limit", "db2");
    expect(run.failed).toEqual([expect.stringContaining("db2 is a replica")]);
    expect(run.changed).toEqual([]);
  }, 120_000);

  test("what was archived and backed up comes back as a server of its own", async () => {
    await ssh("db1", "while systemctl is-active -q federation-backup@full; do sleep 0.5; done");
    const info = JSON.parse(
      await ssh("db1", "runuser -u postgres -- pgbackrest --stanza=federation --output=json info"),
    );
    expect(info[0]).toMatchObject({ status: { code: 0 }, cipher: "aes-256-cbc" });
    await psql("db1", "create table archived as select 'after the backup' as value");
    await ssh("db1", "runuser -u postgres -- pgbackrest --stanza=federation check");
    await ssh("db1", restore);
    const ask = "runuser -u postgres -- psql -qAt -p 5499 -c";
    // It takes questions before it has read the whole archive.
    await ssh("db1", `while [ "$(${ask} 'select pg_is_in_recovery()')" = t ]; do sleep 0.3; done`);
    const query = `${ask} 'select value from archived'`;
    expect((await ssh("db1", query)).trim()).toBe("after the backup");
    await ssh(
      "db1",
      "runuser -u postgres -- /usr/lib/postgresql/15/bin/pg_ctl -D /var/lib/postgresql/restored stop -m immediate",
    );
  }, 180_000);
});

const restore = `
set -eu
cd /var/lib/postgresql
install -d -m 700 -o postgres -g postgres restored
runuser -u postgres -- pgbackrest --stanza=federation --pg1-path=/var/lib/postgresql/restored restore
runuser -u postgres -- touch restored/postgresql.conf
runuser -u postgres -- /usr/lib/postgresql/15/bin/pg_ctl -D /var/lib/postgresql/restored -w -t 60 -l restored/log start -o "\
-p 5499 -c listen_addresses='' -c unix_socket_directories=/var/run/postgresql -c archive_mode=off \
-c max_connections=200 -c hba_file=/etc/postgresql/15/main/pg_hba.conf"`;

describe("control plane", () => {
  test("web answers over HTTPS, having made its roles in that Postgres over verified TLS", async () => {
    const get = (path: string) =>
      ssh(
        "edge",
        `bash -c 'printf "GET ${path} HTTP/1.1\\r\\nHost: assistants.test\\r\\nConnection: close\\r\\n\\r\\n" | \
        openssl s_client -quiet -connect 127.0.0.1:443 -servername assistants.test 2>/dev/null'`,
      );
    expect(await get("/readyz")).toMatch(/^HTTP\/1\.1 200/);
    expect(await psql("db1", "select count(*) > 0 from federation.department", "federation")).toBe("f");
    const logins = `select string_agg(distinct usename, ',' order by usename) from pg_stat_activity join pg_stat_ssl using (pid)
      where usename like 'federation%' and ssl and client_addr = '${addresses.edge}'`;
    expect(await psql("db1", logins)).toBe("federation_app,federation_gateway,federation_provisioner");
  });

  test("its logins survive a second run, and no container shows a secret", async () => {
    const seen = await ssh("edge", "docker inspect $(docker ps -aq)");
    expect(seen).toContain("DATABASE_URL_FILE");
    expect(Object.values(playbooks.secrets).filter((secret) => seen.includes(secret))).toEqual([]);
    expect((await ssh("edge", "docker ps --filter name=worker --format '{{.State}}'")).trim()).toBe(
      "running",
    );
  });
});

describe("pooler", () => {
  const suffix = "abcdefghjkmn";
  const password = randomPassword();
  const url = (user: string, secret: string, mode = "verify-full") =>
    `postgres://${user}:${secret}@${addresses.db1}:6432/federation?sslmode=${mode}`;
  const whoAmI = async (connection: string, trusted = true) => {
    const script = `import postgres from "postgres";
      const sql = postgres(process.env.URL, { max: 1, connect_timeout: 10 });
      try { console.log((await sql\`select current_user as name\`)[0].name); } catch (error) { console.log("refused"); }
      await sql.end({ timeout: 1 });`;
    const certificate = join(playbooks.directory, "certificates/database/ca.crt");
    const root = join(import.meta.dir, "../..");
    return await execute(machines.inside([process.execPath, "-e", script], root), {
      env: { URL: connection, ...(trusted && { NODE_EXTRA_CA_CERTS: certificate }) },
    }).then((out) => out.trim());
  };

  beforeAll(async () => {
    const verifier = await scramVerifier(password);
    await psql(
      "db1",
      `select federation_roles.add('${suffix}'); select federation_roles.login('${suffix}', '${verifier}', 5)`,
      "federation",
    );
  });

  test("a department's login comes through, over verified TLS only", async () => {
    expect(await whoAmI(url(`d_${suffix}`, password))).toBe(`d_${suffix}`);
    expect(await whoAmI(url(`d_${suffix}`, "wrong"))).toBe("refused");
    expect(await whoAmI(url(`d_${suffix}`, password, "disable"))).toBe("refused");
    expect(await whoAmI(url(`d_${suffix}`, password), false)).toBe("refused");
  });

  test("no other login does, not with the right password either", async () => {
    const secret = playbooks.secrets["vault_postgres_admin_password"] ?? "";
    expect(await whoAmI(url("federation_admin", secret))).toBe("refused");
    const lookup = `set role pgbouncer_auth; select count(*) from pgbouncer.login_of('federation_admin')`;
    expect(await psql("db1", lookup, "federation")).toBe("0");
  });

  test("a login that was closed is closed there, too", async () => {
    await psql("db1", `select federation_roles.nologin('${suffix}')`, "federation");
    expect(await whoAmI(url(`d_${suffix}`, password))).toBe("refused");
  });
});

describe("firewall", () => {
  test("a host and its containers reach what is named, and nothing else", async () => {
    for (const from of [opens.host, opens.container]) {
      expect(await from("edge", internet[0], 8080)).toBe(true);
      expect(await from("edge", internet[0], 9090)).toBe(false);
      expect(await from("edge", internet[1], 8080)).toBe(false);
      expect(await from("edge", internet[2], 8080)).toBe(true);
      expect(await from("edge", internet[2], 9090)).toBe(false);
    }
  });

  test("a container reaches neither Postgres nor SSH nor the engine of any machine", async () => {
    const targets = Object.values(addresses).flatMap((address) =>
      [22, 2376, 2377, 5432, 6432].map((port) => `${address} ${port}`),
    );
    const tried = [`${internet[0]} 8080`, ...targets];
    const each = tried
      .map((target) => `nc -w 1 ${target} </dev/null >/dev/null && echo ${target}`)
      .join("; ");
    const open = await ssh("edge", `docker run --rm busybox:test sh -c '${each}; true' 2>/dev/null`);
    expect(open.trim()).toBe(tried[0] ?? "");
  });

  test("a name that moves is followed, its last address still counts, and none leads to a private one", async () => {
    await ssh("edge", `sed -i 's/ moved.test//; $a ${internet[1]} moved.test' /etc/hosts`);
    await ssh("edge", "systemctl start federation-egress.service");
    expect(await opens.host("edge", internet[1], 8080)).toBe(true);
    expect(await opens.container("edge", internet[1], 8080)).toBe(true);
    expect(await opens.host("edge", internet[0], 8080)).toBe(true);
    expect(await ssh("edge", "nft list table inet federation")).not.toContain("169.254.169.254");
    expect(await ssh("edge", "journalctl -u federation-egress --no-pager")).toContain(
      "metadata.test: 169.254.169.254 is not public",
    );
  });

  test("a published port is open for outside only where it is named", async () => {
    const serve = (port: number) =>
      ssh("edge", `docker run -d --rm --name port${port} -p ${port}:80 busybox:test httpd -f -p 80`);
    await Promise.all([serve(8081), serve(8082)]);
    expect(await opens.outside(addresses.edge, 8081)).toBe(true);
    expect(await opens.outside(addresses.edge, 8082)).toBe(false);
    await ssh("edge", "docker rm -f port8081 port8082");
  });

  test("from outside there is SSH, HTTPS, the pooler, and no other port", async () => {
    const ports = [22, 80, 443, 2376, 2377, 3000, 5432, 6432, 7946, 8081];
    const open = async (name: Name) => {
      const tried = await Promise.all(
        ports.map(async (port) => [port, await opens.outside(addresses[name], port)]),
      );
      return tried.filter(([, isOpen]) => isOpen).map(([port]) => port);
    };
    expect(await open("edge")).toEqual([22, 80, 443]);
    expect(await open("db1")).toEqual([22, 6432]);
    expect(await open("db2")).toEqual([22]);
  });

  test("rules and addresses are there before the network after a start, and Docker's beside them", async () => {
    await ssh("edge", "systemctl restart federation-firewall.service");
    expect(await opens.host("edge", internet[0], 8080)).toBe(true);
    expect(await opens.host("edge", internet[0], 9090)).toBe(false);
    expect(await ssh("edge", "iptables -S FORWARD")).toContain("DOCKER-USER");
    const order = "systemctl show -p Before --value federation-firewall.service";
    expect(await ssh("edge", order)).toContain("network-pre.target");
  });
});

describe("swarm", () => {
  const engine =
    "docker --tlsverify --tlscacert /root/ca.crt --tlscert /root/client.crt --tlskey /root/client.key";

  test("machines are one swarm, with their labels, and the engine is as departments need it", async () => {
    expect(
      await ssh("edge", "docker node ls --format '{{.Hostname}} {{.Status}} {{.ManagerStatus}}' | sort"),
    ).toBe("db2 Ready \nedge Ready Leader\n");
    expect(await ssh("edge", "docker node inspect db2 --format '{{json .Spec.Labels}}'")).toBe(
      '{"region":"eu-west","zone":"b"}\n',
    );
    const status = await ssh(
      "db2",
      "docker run --rm busybox:test sh -c 'while read l; do echo $l; done </proc/self/status'",
    );
    expect(status).toContain("NoNewPrivs: 1");
  });

  test("containers of one network find each other across machines, through both firewalls", async () => {
    await ssh("edge", "docker network create -d overlay --attachable department");
    const options =
      "-d --no-resolve-image --mode global --endpoint-mode dnsrr --network department --name agents";
    await ssh("edge", `docker service create ${options} busybox:test httpd -f -p 8080`);
    const running =
      "docker service ps agents --filter desired-state=running --format '{{.CurrentState}}' | grep -c ^Running";
    while ((await ssh("edge", `${running} || true`)).trim() !== "2") await Bun.sleep(500);
    const each = `docker run --rm --network department busybox:test sh -c \
      'for a in $(nslookup tasks.agents | busybox sed -n "s/^Address: \\(10[.0-9]*\\)$/\\1/p"); do nc -w 3 $a 8080 </dev/null && echo up; done'`;
    expect((await ssh("edge", each)).trim()).toBe("up\nup");
    await ssh("edge", "docker service rm agents");
  }, 120_000);

  test("the engine's API is open for a certificate of its authority, and not for the database's", async () => {
    const copy = async (from: string, to: string) =>
      machines.ssh(
        "edge",
        `umask 077; cat >/root/${to}`,
        await Bun.file(join(playbooks.directory, "certificates", from)).text(),
      );
    await copy("engine/ca.crt", "ca.crt");
    const version = `${engine} -H tcp://edge:2376 version --format '{{.Server.Version}}'`;
    await copy("database/db1.crt", "client.crt");
    await copy("database/db1.key", "client.key");
    expect(await isDone(ssh("edge", version))).toBe(false);
    await copy("engine/control-plane.crt", "client.crt");
    await copy("engine/control-plane.key", "client.key");
    expect(await isDone(ssh("edge", version))).toBe(true);
  });
});
