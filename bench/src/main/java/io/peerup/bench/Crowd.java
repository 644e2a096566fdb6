package io.peerup.bench;

import com.google.gson.JsonObject;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/// One relay that many idle clients are connected to, each with a reservation, and what they cost
/// it; then circuits between others move data through it, and the idle ones still want an answer.
final class Crowd implements AutoCloseable {

  private static final int CIRCUITS = 50;

  /// A process may have 20 000 open files in many places; a client has four.
  private static final int CLIENTS_PER_PROCESS = 2500;

  /// Clients that come between two looks at the clock of a call.
  private static final int ARRIVALS = 250;

  /// A wave that comes and goes before anything is counted: what is loaded, compiled or grown once
  /// is not a client's.
  private static final int FIRST_WAVE = 500;

  /// The virtual machine gives memory back to the system every ten seconds.
  private static final int TRIM_SECONDS = 12;

  private static final int PING_PAUSE_MILLIS = 5;

  /// A client needs little: one loop each, buffers without a pool for each of their threads.
  private static final String[] CLIENT_OPTIONS = {
    "-XX:ActiveProcessorCount=1", "-Xmx2g", "-Dio.netty.allocator.type=unpooled"
  };

  private final Setting setting;
  private final Progress progress;
  private final List<PeerProcess> processes = new ArrayList<>();
  private final List<PeerProcess> idle = new ArrayList<>();
  final Transport transport;

  /// For each client, in kB.
  final Samples heap = new Samples();

  final Samples other = new Samples();
  final Samples both = new Samples();
  final Samples residentMegabytes = new Samples();

  /// Of the relay while everybody is idle, in percent of one processor.
  final Samples idlePercent = new Samples();

  /// All circuits together, MB/s; one value a round, as everything below.
  final Samples throughput = new Samples();

  /// Jain's index of the circuits' shares: 1 when all are equal.
  final Samples fairness = new Samples();

  final Samples slowestOfMedian = new Samples();

  /// Milliseconds of an idle client's ping, stream and negotiation included.
  final Samples quietPing = new Samples();

  final Samples quietTail = new Samples();
  final Samples busyPing = new Samples();
  final Samples busyTail = new Samples();

  Crowd(Setting setting, Transport transport, Progress progress) {
    this.setting = setting;
    this.transport = transport;
    this.progress = progress;
  }

  int clients() {
    return setting.clients();
  }

  int circuits() {
    return Math.min(CIRCUITS, setting.clients());
  }

  void run() throws Exception {
    PeerProcess relay = remember(PeerProcess.java(OurPeer.class, setting));
    JsonObject started =
        relay.call(
            "start",
            "security",
            transport.security,
            "listen",
            List.of(transport.anyPort),
            "relay",
            true,
            "identify",
            true);
    String address = Json.strings(started, "addrs").getFirst();
    for (int left = clients(); left > 0; left -= CLIENTS_PER_PROCESS) {
      idle.add(remember(PeerProcess.java(CrowdPeer.class, setting, CLIENT_OPTIONS)));
    }
    weigh(relay, address);
    carry(address);
  }

  private void weigh(PeerProcess relay, String address) throws Exception {
    progress.say("crowd: " + clients() + " clients over " + transport.label);
    arrive(address, Math.min(FIRST_WAVE, clients()));
    for (PeerProcess each : idle) {
      var _ = each.call("leave");
    }
    var _ = settle();
    JsonObject before = relay.call("memory");
    arrive(address, clients());
    var _ = settle();
    JsonObject after = relay.call("memory");
    int came = (int) (Json.number(after, "connections") - Json.number(before, "connections"));
    if (came != clients()) {
      throw new IllegalStateException(came + " clients are connected");
    }
    heap.add(difference(before, after, "heapBytes") / 1000 / came);
    other.add(difference(before, after, "otherBytes") / 1000 / came);
    both.add(heap.median() + other.median());
    residentMegabytes.add(Machine.residentMegabytes(relay.pid()));
    progress.say("  each %s kB of heap and %s kB beside it".formatted(heap.text(2), other.text(2)));
    double busy = processorSeconds(relay);
    double waited = settle();
    idlePercent.add(100 * (processorSeconds(relay) - busy) / waited);
    for (int round = 0; round < setting.rounds(); round++) {
      ping(round, quietPing, quietTail);
    }
  }

  /// Circuits between peers that are not of the idle crowd.
  private void carry(String address) throws Exception {
    PeerProcess sources = remember(PeerProcess.java(CrowdPeer.class, setting, CLIENT_OPTIONS));
    PeerProcess targets = remember(PeerProcess.java(CrowdPeer.class, setting, CLIENT_OPTIONS));
    var _ = arrive(sources, address, circuits());
    List<String> peers = Json.strings(arrive(targets, address, circuits()), "peers");
    var _ = sources.call("pump", "relay", address, "peers", peers);
    ping(0, new Samples(), new Samples()); // windows grow, code is compiled
    for (int round = 0; round < setting.rounds(); round++) {
      long start = System.nanoTime();
      List<Double> before = Json.numbers(targets.call("received"), "bytes");
      ping(round, busyPing, busyTail);
      List<Double> after = Json.numbers(targets.call("received"), "bytes");
      shares(before, after, (System.nanoTime() - start) / 1e9);
    }
    var _ = sources.call("stop");
    progress.say(
        "  %d circuits: %s MB/s, fairness %s, idle ping %s ms"
            .formatted(circuits(), throughput.text(0), fairness.text(3), busyPing.text(1)));
  }

  private void shares(List<Double> before, List<Double> after, double seconds) {
    List<Double> each = new ArrayList<>();
    for (int i = 0; i < before.size(); i++) {
      each.add((after.get(i) - before.get(i)) / seconds / 1e6);
    }
    double sum = each.stream().mapToDouble(Double::doubleValue).sum();
    throughput.add(sum);
    fairness.add(jain(each));
    slowestOfMedian.add(Samples.percentile(each, 0) / Samples.percentile(each, 0.5));
  }

  /// The square of the sum over n times the sum of squares: 1 if all are equal, 1/n if one has all.
  static double jain(List<Double> shares) {
    double sum = shares.stream().mapToDouble(Double::doubleValue).sum();
    double squares = shares.stream().mapToDouble(share -> share * share).sum();
    return squares == 0 ? 0 : sum * sum / (shares.size() * squares);
  }

  private void ping(int round, Samples median, Samples tail) {
    List<Double> micros =
        Json.numbers(
            idle.get(round % idle.size())
                .call("pings", "seconds", setting.seconds(), "pauseMillis", PING_PAUSE_MILLIS),
            "micros");
    median.add(Samples.percentile(micros, 0.5) / 1000);
    tail.add(Samples.percentile(micros, 0.99) / 1000);
  }

  /// So many idle clients, shared out among the processes, which work at the same time.
  private void arrive(String relay, int count) throws Exception {
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Future<?>> all = new ArrayList<>();
      for (int i = 0; i < idle.size(); i++) {
        PeerProcess process = idle.get(i);
        int share = count * (i + 1) / idle.size() - count * i / idle.size();
        all.add(
            threads.submit(() -> {
              for (int left = share; left > 0; left -= ARRIVALS) {
                var _ = arrive(process, relay, Math.min(ARRIVALS, left));
              }
            }));
      }
      for (Future<?> each : all) {
        each.get();
      }
    }
  }

  private JsonObject arrive(PeerProcess process, String relay, int count) {
    return process.call("arrive", "relay", relay, "security", transport.security, "count", count);
  }

  /// Returns the seconds that it took.
  private double settle() throws InterruptedException {
    long start = System.nanoTime();
    // Nothing is given back in a run that only shows that it runs.
    Thread.sleep(setting.seconds() < 1 ? 1000 : TRIM_SECONDS * 1000L);
    return (System.nanoTime() - start) / 1e9;
  }

  private static double processorSeconds(PeerProcess process) {
    return ProcessHandle.of(process.pid())
            .flatMap(handle -> handle.info().totalCpuDuration())
            .orElseThrow()
            .toMillis()
        / 1000.0;
  }

  private static double difference(JsonObject before, JsonObject after, String name) {
    return Json.number(after, name) - Json.number(before, name);
  }

  private PeerProcess remember(PeerProcess process) {
    processes.add(process);
    return process;
  }

  @Override
  public void close() {
    processes.forEach(PeerProcess::close);
  }
}
