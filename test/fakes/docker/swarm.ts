// What a swarm does with services, in steps of a few milliseconds: tasks that take time and may fail, updates one slot
// after another that are rolled back by themselves, restarts. Names of images say how they behave.

export interface FakeSpec {
  Name: string;
  Labels: Record<string, string>;
  TaskTemplate: {
    ContainerSpec: {
      Image: string;
      Env?: string[];
      Labels?: Record<string, string>;
      Secrets?: { SecretID: string; SecretName: string }[];
    };
    Networks?: { Target: string }[];
    ForceUpdate?: number;
  };
  Mode: { Replicated: { Replicas?: number } };
}

export interface FakeService {
  ID: string;
  Version: { Index: number };
  Spec: FakeSpec;
  PreviousSpec?: FakeSpec | undefined;
  UpdateStatus?: { State: string; Message: string } | undefined;
}

export interface FakeTask {
  ID: string;
  CreatedAt: string;
  ServiceID: string;
  Slot: number;
  DesiredState: "running" | "shutdown" | "remove";
  Status: { State: string; Message: string; Err?: string; ContainerStatus?: { ContainerID: string } };
  Spec: FakeSpec["TaskTemplate"];
  /** Of its service, which filters look at. */
  serviceLabels: Record<string, string>;
}

const historyMax = 5;

export function createSwarm(stepMs = 5) {
  const services = new Map<string, FakeService>();
  let tasks: FakeTask[] = [];
  let isClosed = false;
  let index = 1;
  let clockMs = Date.parse("2026-01-01T00:00:00Z");

  const step = () => Bun.sleep(stepMs);
  const wants = (service: FakeService, slot: number) =>
    !isClosed && services.has(service.ID) && slot <= (service.Spec.Mode.Replicated.Replicas ?? 0);
  const current = (service: FakeService) =>
    tasks.filter((task) => task.ServiceID === service.ID && task.DesiredState === "running");

  function addTask(service: FakeService, slot: number): FakeTask {
    const task: FakeTask = {
      ID: crypto.randomUUID().replaceAll("-", ""),
      CreatedAt: new Date((clockMs += 1)).toISOString(),
      ServiceID: service.ID,
      Slot: slot,
      DesiredState: "running",
      Status: { State: "preparing", Message: "preparing" },
      Spec: service.Spec.TaskTemplate,
      serviceLabels: service.Spec.Labels,
    };
    const ended = tasks.filter((one) => one.ServiceID === service.ID && one.Status.State !== "running");
    const forgotten = new Set(ended.slice(0, Math.max(0, ended.length - historyMax)));
    tasks = [...tasks.filter((one) => !forgotten.has(one)), task];
    return task;
  }

  /** Runs the task up to its first good health check, or its end. */
  async function run(task: FakeTask): Promise<boolean> {
    const { Image } = task.Spec.ContainerSpec;
    await step();
    if (Image.includes("missing")) return fail(task, "rejected", `No such image: ${Image}`);
    task.Status = { State: "starting", Message: "starting", ContainerStatus: { ContainerID: task.ID } };
    do await step();
    while (Image.includes("slow") && !isClosed && task.DesiredState === "running");
    if (Image.includes("broken")) return fail(task, "failed", "task: non-zero exit (1)");
    if (task.DesiredState !== "running") return false;
    task.Status = { ...task.Status, State: "running", Message: "started" };
    return true;
  }

  function fail(task: FakeTask, State: string, Err: string): false {
    task.Status = { ...task.Status, State, Err };
    task.DesiredState = "shutdown";
    return false;
  }

  async function end(task: FakeTask, desired: "shutdown" | "remove"): Promise<void> {
    task.DesiredState = desired;
    await step();
    if (["preparing", "starting", "running"].includes(task.Status.State))
      task.Status = { State: "shutdown", Message: "shutdown" };
    if (desired === "shutdown") return;
    await step();
    tasks = tasks.filter((one) => one !== task);
  }

  /** A slot's task, and the next one for as long as they fail. */
  async function keep(service: FakeService, slot: number): Promise<void> {
    while (wants(service, slot) && !current(service).some((task) => task.Slot === slot)) {
      if (await run(addTask(service, slot))) return;
      await step();
    }
  }

  async function update(service: FakeService, dirty: FakeTask[]): Promise<void> {
    const { Index } = service.Version;
    const isMine = () => !isClosed && services.has(service.ID) && service.Version.Index === Index;
    service.UpdateStatus = { State: "updating", Message: "update in progress" };
    for (const old of dirty) {
      const fresh = addTask(service, old.Slot);
      const isWell = await run(fresh);
      if (!isMine()) return;
      if (!isWell) return await rollBack(service);
      await end(old, "shutdown");
    }
    await step();
    if (isMine()) service.UpdateStatus = { State: "completed", Message: "update completed" };
  }

  async function rollBack(service: FakeService): Promise<void> {
    service.UpdateStatus = { State: "rollback_started", Message: "update rolled back" };
    service.Spec = service.PreviousSpec ?? service.Spec;
    service.PreviousSpec = undefined;
    service.Version = { Index: (index += 1) };
    await step();
    for (const task of current(service)) if (isDirty(service, task)) await end(task, "shutdown");
    service.UpdateStatus = { State: "rollback_completed", Message: "rollback completed" };
  }

  async function orchestrate(service: FakeService): Promise<void> {
    const replicas = service.Spec.Mode.Replicated.Replicas ?? 0;
    const present = current(service);
    const gone = present.filter((task) => task.Slot > replicas).map((task) => end(task, "remove"));
    const kept = present.filter((task) => task.Slot <= replicas);
    const dirty = kept.filter((task) => isDirty(service, task));
    if (dirty.length > 0) await update(service, dirty);
    const slots = Array.from({ length: replicas }, (_, at) => at + 1);
    await Promise.all([...gone, ...slots.map((slot) => keep(service, slot))]);
  }

  return {
    services,
    tasks: () => tasks,
    create(Spec: FakeSpec): FakeService {
      const ID = crypto.randomUUID().replaceAll("-", "");
      const service: FakeService = { ID, Version: { Index: (index += 1) }, Spec };
      services.set(ID, service);
      void orchestrate(service);
      return service;
    },
    change(service: FakeService, Spec: FakeSpec) {
      service.PreviousSpec = service.Spec;
      service.Spec = Spec;
      service.UpdateStatus = undefined;
      service.Version = { Index: (index += 1) };
      // The real one says that it is updating a moment after it took the update.
      void step().then(() => orchestrate(service));
    },
    /** Answers false where engine 20.10 dies: a task of the service is just being forgotten. */
    remove(service: FakeService): boolean {
      const ours = tasks.filter((one) => one.ServiceID === service.ID);
      if (ours.some(({ DesiredState }) => DesiredState === "remove")) return false;
      services.delete(service.ID);
      for (const task of ours) void end(task, "remove");
      return true;
    },
    /** Somebody else wrote the service. */
    touch: (service: FakeService) => void (service.Version = { Index: (index += 1) }),
    /** The container dies. */
    kill(task: FakeTask) {
      fail(task, "failed", "task: non-zero exit (137)");
      const service = services.get(task.ServiceID);
      if (service) void step().then(() => keep(service, task.Slot));
    },
    close: () => void (isClosed = true),
  };
}

const isDirty = ({ Spec }: FakeService, task: FakeTask) =>
  JSON.stringify(task.Spec) !== JSON.stringify(Spec.TaskTemplate);
