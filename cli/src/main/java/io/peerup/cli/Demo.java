package io.peerup.cli;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.sun.net.httpserver.HttpServer;
import io.peerup.control.Failure;
import io.peerup.control.Home;
import io.peerup.control.Jsons;
import io.peerup.control.PrivateFiles;
import io.peerup.control.client.ControlClient;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/// The demo's story, step by step. Each step is a real command in a process of its own; a step that
/// fails ends the story.
final class Demo {

  private static final List<String> DEVICES = List.of("home", "laptop", "phone");
  private static final String PAGE = "Hello from another device.\n";
  private static final Duration CONNECT_MAX = Duration.ofSeconds(30);

  private final DemoWorld world;
  private final Voice voice;
  private final JsonArray steps = new JsonArray();
  private final long start = System.nanoTime();

  Demo(DemoWorld world, Voice voice) {
    this.world = world;
    this.voice = voice;
  }

  /// What one step does; returns one sentence about what happened.
  private interface Action {
    String run() throws Exception;
  }

  /// Plays the whole story. True if all of it worked.
  boolean play() throws Exception {
    List<String> codes = new ArrayList<>();
    boolean good =
        step("start a relay", this::startRelay) && step("make three codes", () -> makeCodes(codes));
    for (int i = 0; good && i < DEVICES.size(); i++) {
      String device = DEVICES.get(i);
      String code = codes.get(i);
      good = step("join as " + device, () -> join(device, code));
    }
    good = good && step("wait until all are connected", this::awaitConnected);
    for (String device : DEVICES) {
      good = good && step("daemon status of " + device, () -> status(device));
    }
    for (String from : DEVICES) {
      for (String to : DEVICES) {
        if (!from.equals(to)) {
          good = good && step("ping " + from + " → " + to, () -> ping(from, to));
        }
      }
    }
    return good
        && step("fetch a page: laptop → home", () -> fetch("laptop", "home"))
        && step("fetch a page: laptop → phone", () -> fetch("laptop", "phone"));
  }

  /// The commands to go on with.
  void sayHowToGoOn() {
    if (voice.json()) {
      return;
    }
    voice.say("");
    voice.say("Everything is still running in " + world.folder() + ". Go on with:");
    String folder = world.folder().toString();
    voice.say("  PEERUP_HOME=" + folder + "/laptop ./peerup status");
    voice.say("  PEERUP_HOME=" + folder + "/laptop ./peerup ping home");
    voice.say("  PEERUP_HOME=" + folder + "/relay  ./peerup relay info");
    voice.say("and end it with:");
    for (String each : List.of("home", "laptop", "phone", "relay")) {
      voice.say("  PEERUP_HOME=" + folder + "/" + each + " ./peerup daemon stop");
    }
    voice.say("  rm -r " + folder);
  }

  /// The last word.
  void end(boolean good, boolean kept) {
    double seconds = (System.nanoTime() - start) / 1e9;
    if (voice.json()) {
      JsonObject out = new JsonObject();
      out.addProperty("ok", good);
      out.addProperty("seconds", Math.round(seconds * 1000) / 1000.0);
      out.add("steps", steps);
      if (kept) {
        out.addProperty("folder", world.folder().toString());
      }
      voice.emit(out);
      return;
    }
    voice.say("");
    voice.say(
        good
            ? voice.good("All of it worked")
                + String.format(Locale.ROOT, ", in %.1f s.", seconds)
                + (kept ? "" : " Everything is cleaned up.")
            : voice.alert("Not all of it worked."));
  }

  private boolean step(String name, Action action) throws InterruptedException {
    long begin = System.nanoTime();
    JsonObject entry = new JsonObject();
    entry.addProperty("step", name);
    boolean good;
    String result;
    try {
      result = action.run();
      good = true;
    } catch (Failure e) {
      result = e.message() + (e.hint().isEmpty() ? "" : " (" + e.hint() + ")");
      good = false;
    } catch (InterruptedException e) {
      throw e;
    } catch (Exception e) {
      result = Internal.failure(e).message();
      good = false;
    }
    if (world.isEnding()) {
      throw new InterruptedException("interrupted");
    }
    Duration took = Duration.ofNanos(System.nanoTime() - begin);
    entry.addProperty("ok", good);
    entry.addProperty("ms", took.toMillis());
    entry.addProperty("result", result);
    steps.add(entry);
    if (!voice.json()) {
      List<String> lines = result.lines().toList();
      String head = lines.isEmpty() ? "" : lines.getFirst();
      voice.say(
          String.format(
              Locale.ROOT,
              "%s %8s  %-30s %s",
              good ? voice.good("ok  ") : voice.alert("FAIL"),
              Voice.time(took),
              name,
              head));
      lines.stream().skip(1).forEach(line -> voice.say("               " + line));
    }
    return good;
  }

  private String startRelay() throws Exception {
    world.start(
        "relay",
        "relay",
        "serve",
        "--listen",
        "/ip4/127.0.0.1/tcp/0",
        "--listen",
        "/ip4/127.0.0.1/udp/0/quic-v1");
    JsonObject info = world.run("relay", "relay", "info");
    return info.getAsJsonArray("addrs").get(0).getAsString();
  }

  private String makeCodes(List<String> codes) throws Exception {
    JsonObject made = world.run("relay", "relay", "pair", "--count", "3", "--ttl", "10m");
    made.getAsJsonArray("codes").forEach(each -> codes.add(each.getAsString()));
    return "group " + made.get("group").getAsString() + ", for example " + codes.getFirst();
  }

  private String join(String device, String code) throws Exception {
    Home home = world.home(device);
    home.ensure();
    // Two of the devices take no connections at all, as behind strict firewalls: they show the
    // relayed path.
    String listen =
        device.equals("home") ? "[/ip4/127.0.0.1/tcp/0, /ip4/127.0.0.1/udp/0/quic-v1]" : "[]";
    PrivateFiles.write(
        home.config(),
        ("version: 1\nnetwork:\n  listen: " + listen + "\n").getBytes(StandardCharsets.UTF_8));
    JsonObject joined = world.run(device, "join", code, "--name", device);
    return joined.get("peerId").getAsString()
        + ", knows "
        + joined.getAsJsonArray("peers").size()
        + " others";
  }

  private String awaitConnected() throws InterruptedException {
    long deadline = System.nanoTime() + CONNECT_MAX.toNanos();
    while (true) {
      int connected = 0;
      for (String device : DEVICES) {
        for (JsonElement peer : statusOf(device).getAsJsonArray("peers")) {
          connected += peer.getAsJsonObject().get("connected").getAsBoolean() ? 1 : 0;
        }
      }
      int wanted = DEVICES.size() * (DEVICES.size() - 1);
      if (connected == wanted) {
        return connected + " of " + wanted + " directions";
      }
      if (System.nanoTime() > deadline) {
        throw new Failure(
            "demo-not-connected",
            connected + " of " + wanted + " directions after " + Voice.time(CONNECT_MAX),
            "the logs are in " + world.folder());
      }
      LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(50));
    }
  }

  private JsonObject statusOf(String device) {
    return ControlClient.of(world.home(device))
        .call("GET", "/v1/status", null, StatusCommand.ASK_MAX);
  }

  private String status(String device) throws Exception {
    JsonObject status = world.run(device, "daemon", "status");
    StringBuilder out = new StringBuilder();
    JsonObject reach = status.getAsJsonObject("reachability");
    out.append("reach ")
        .append(StatusView.text(reach, "grade"))
        .append(" (")
        .append(StatusView.text(reach, "label"))
        .append(")");
    for (JsonElement element : status.getAsJsonArray("peers")) {
      JsonObject peer = element.getAsJsonObject();
      out.append('\n')
          .append(
              String.format(
                  Locale.ROOT,
                  "%-7s %s  %s  %s",
                  StatusView.text(peer, "name"),
                  StatusView.badge(peer),
                  StatusView.path(peer),
                  StatusView.rtt(peer)));
    }
    return out.toString();
  }

  private String ping(String from, String to) throws Exception {
    List<String> lines = world.lines(from, "ping", to, "--count", "3", "--interval", "20");
    JsonObject first =
        lines.stream()
            .map(Jsons::parseObject)
            .filter(line -> line.has("rttMs"))
            .findFirst()
            .orElseThrow(() -> new Failure("demo-ping", "no answer from " + to, "see the logs"));
    JsonObject summary = Jsons.parseObject(lines.getLast()).getAsJsonObject("summary");
    if (summary.get("received").getAsInt() != 3) {
      throw new Failure("demo-ping", "only " + summary.get("received") + " of 3 answered", "");
    }
    return String.format(
        Locale.ROOT, "%.1f ms, %s", summary.get("avgMs").getAsDouble(), StatusView.path(first));
  }

  private String fetch(String device, String from) throws Exception {
    HttpServer server =
        HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext(
        "/",
        exchange -> {
          byte[] body = PAGE.getBytes(StandardCharsets.UTF_8);
          exchange.sendResponseHeaders(200, body.length);
          exchange.getResponseBody().write(body);
          exchange.close();
        });
    server.start();
    String name = "web";
    try {
      world.run(from, "service", "add", name, "127.0.0.1:" + server.getAddress().getPort());
      Process proxy = world.launch(device, "proxy", from, name, "0");
      try {
        String body = fetchThrough(proxy);
        if (!body.equals(PAGE)) {
          throw new Failure("demo-page", "the page is not the one that was served", "");
        }
        return "got " + body.length() + " bytes: " + body.strip();
      } finally {
        proxy.destroy();
      }
    } finally {
      server.stop(0);
    }
  }

  private static String fetchThrough(Process proxy) throws IOException, InterruptedException {
    BufferedReader out =
        new BufferedReader(new InputStreamReader(proxy.getInputStream(), StandardCharsets.UTF_8));
    String line = out.readLine();
    if (line == null) {
      throw new Failure("demo-proxy", "the proxy ended at once", "see the logs");
    }
    JsonObject first = Jsons.parseObject(line);
    Failure failure = Failure.fromJson(first);
    if (failure != null) {
      throw failure;
    }
    try (HttpClient client = HttpClient.newHttpClient()) {
      HttpRequest request =
          HttpRequest.newBuilder(
                  URI.create("http://127.0.0.1:" + first.get("port").getAsInt() + "/"))
              .timeout(Duration.ofSeconds(15))
              .build();
      return client.send(request, HttpResponse.BodyHandlers.ofString()).body();
    }
  }
}
