package io.peerup.cli;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import io.peerup.control.Durations;
import io.peerup.control.Failure;
import io.peerup.control.Home;
import io.peerup.control.Printable;
import io.peerup.control.client.ControlClient;
import io.peerup.pairing.InviteUrl;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
    name = "invite",
    description = {
      "Make a code with which one other device pairs with this one, and wait for it.",
      "On the other device: peerup join CODE. Ends when it is used; Ctrl-C leaves the code valid.",
      "With --url: make a link instead, for peerup accept. This device may be offline then.",
      "See: peerup help pairing"
    },
    subcommands = {
      InviteCommand.ListInvites.class,
      InviteCommand.Show.class,
      InviteCommand.Revoke.class
    })
final class InviteCommand extends PeerupCommand {

  private static final Duration TTL_MIN = Duration.ofMinutes(1);
  private static final Duration TTL_MAX = Duration.ofHours(1);
  private static final Duration LINK_TTL_MAX = Duration.ofDays(30);
  private static final int LINK_USES_MAX = 16;

  /// Each of up to four relays is told.
  private static final Duration LINK_MAX = Duration.ofSeconds(60);

  @Option(names = "--spoken", description = "A number and four words, to be read aloud.")
  boolean spoken;

  @Option(
      names = "--full",
      description = "A long code to be pasted: it names this device and carries 128 secret bits.")
  boolean full;

  @Option(names = "--qr", description = "The code of --full, as a picture to scan, too.")
  boolean qr;

  @Option(
      names = "--require-sas",
      description =
          "Neither device trusts the other until two people have compared codes: peerup verify.")
  boolean requireSas;

  @Option(
      names = "--name",
      paramLabel = "NAME",
      description =
          "What the other device calls this one (default: as before, else this machine's name).")
  @Nullable String name;

  @Option(
      names = "--ttl",
      paramLabel = "TIME",
      description =
          "How long the code can be used: 1m to 1h (default: 10m); a link: 1m to 30d (default: 24h).")
  @Nullable String ttl;

  @Option(
      names = "--url",
      description = "A link: whoever has it first is in, also while this device is offline.")
  boolean url;

  @Option(
      names = "--uses",
      paramLabel = "N",
      description = "With --url: how many devices it admits, 1 to 16 (default: 1).")
  @Nullable Integer uses;

  private Voice.Waiting waiting = () -> {};

  @Override
  protected int run(Home home, Voice voice) {
    Duration life = url ? life("24h", "1m to 30d", LINK_TTL_MAX) : life("10m", "1m to 1h", TTL_MAX);
    if (Stream.of(spoken, full || qr, url).filter(each -> each).count() > 1) {
      throw misuse("--spoken, --full (or --qr) and --url are forms of invites: choose one");
    }
    if (uses != null && (!url || uses < 1 || uses > LINK_USES_MAX)) {
      throw misuse("--uses needs --url and is 1 to 16");
    }
    if (requireSas && url) {
      throw misuse("--require-sas needs both people at their devices; a link does not");
    }
    JsonObject request = new JsonObject();
    request.addProperty("ttlSeconds", life.toSeconds());
    request.addProperty("defaultName", JoinCommand.hostName());
    if (name != null) {
      JoinCommand.checkName(name);
      request.addProperty("name", name);
    }
    if (url) {
      request.addProperty("uses", uses == null ? 1 : uses);
      tellLink(Running.node(home).call("POST", "/v1/links", request, LINK_MAX), voice);
      return Peerup.DONE;
    }
    request.addProperty("requireSas", requireSas);
    request.addProperty("form", spoken ? "spoken" : full || qr ? "full" : "typed");
    AtomicBoolean paired = new AtomicBoolean();
    try {
      Running.node(home).stream(
          "POST",
          "/v1/invites",
          request,
          line -> {
            paired.compareAndSet(false, StatusView.text(line, "event").equals("paired"));
            tell(line, life, qr, voice);
          });
    } finally {
      waiting.close();
    }
    return paired.get() ? Peerup.DONE : Peerup.FAILED;
  }

  private Duration life(String otherwise, String bounds, Duration most) {
    Duration life;
    try {
      life = Durations.parse(ttl == null ? otherwise : ttl);
    } catch (IllegalArgumentException e) {
      throw misuse("--ttl: " + e.getMessage());
    }
    if (life.compareTo(TTL_MIN) < 0 || life.compareTo(most) > 0) {
      throw misuse("--ttl must be " + bounds);
    }
    return life;
  }

  private void tellLink(JsonObject made, Voice voice) {
    if (voice.json()) {
      voice.emit(made);
      return;
    }
    voice.warn(
        uses == null || uses == 1
            ? "whoever opens this link first is in: send it to one person, by a channel you trust"
            : "the first " + uses + " devices that open this link are in: choose whom you send it");
    voice.say(voice.bold(StatusView.text(made, "url")));
    voice.say(
        "On the other device: peerup accept 'URL', until "
            + StatusView.text(made, "expiresAt")
            + ". This device may be offline then.");
    voice.say("To take it back: peerup invite revoke " + StatusView.text(made, "id"));
  }

  private void tell(JsonObject line, Duration life, boolean qr, Voice voice) {
    waiting.close();
    if (voice.json()) {
      voice.emit(line);
      return;
    }
    switch (StatusView.text(line, "event")) {
      case "invite" -> {
        if (qr) {
          voice.picture(StatusView.text(line, "code"));
        } else {
          voice.say(voice.bold(StatusView.text(line, "code")));
        }
        voice.say(
            "On the other device: peerup join CODE. Good for "
                + Durations.format(life)
                + ", for one device.");
        if (line.get("lanOnly").getAsBoolean()) {
          voice.warn(
              "this device has no place at a relay now: the code works on this local network only");
        }
        waiting = voice.waiting("Waiting…", Instant.parse(StatusView.text(line, "expiresAt")));
      }
      case "paired" -> {
        voice.say(
            "Paired with "
                + voice.bold(Printable.of(StatusView.text(line, "name")))
                + "  "
                + StatusView.text(line, "peerId")
                + "  "
                + voice.alert("[UNVERIFIED]"));
        voice.say("Compare codes with its owner: peerup verify " + StatusView.text(line, "name"));
        if (line.get("held").getAsBoolean()) {
          voice.warn("it may do nothing here, and this device nothing there, until both have");
        }
        if (!line.get("peerAcked").getAsBoolean()) {
          voice.warn("it has not said yet that it knows; if it reports a failure, repeat its join");
        }
      }
      case "expired" -> voice.say("The code's time is over; nobody used it.");
      case "burned" ->
          voice.say("Too many wrong codes were tried; this code is dead. Make another.");
      default -> voice.say("The invite was revoked.");
    }
  }

  @Command(
      name = "list",
      description = "List invites, codes and links, until a day after their end.")
  static final class ListInvites extends PeerupCommand {
    @Option(names = "--all", description = "Also what links refused, and which ended unused.")
    boolean all;

    @Override
    protected int run(Home home, Voice voice) {
      JsonObject reply = Running.node(home).call("GET", "/v1/invites", null);
      if (!all) {
        reply.remove("refused");
      }
      if (voice.json()) {
        JsonArray files = new JsonArray();
        FILES.forEach(file -> files.add(home.state(file).toAbsolutePath().toString()));
        reply.add("files", files);
        voice.emit(reply);
        return Peerup.DONE;
      }
      JsonArray invites = reply.getAsJsonArray("invites");
      if (invites.isEmpty()) {
        voice.say("There are no invites.");
      } else {
        List<List<String>> rows = new ArrayList<>();
        rows.add(HEAD);
        for (JsonElement each : invites) {
          rows.add(row(each.getAsJsonObject()));
        }
        voice.table(rows);
      }
      if (all) {
        for (JsonElement each : reply.getAsJsonArray("refused")) {
          JsonObject refused = each.getAsJsonObject();
          voice.say(
              StatusView.instant(refused, "at")
                  + "  "
                  + StatusView.text(refused, "id")
                  + "  "
                  + StatusView.text(refused, "reason"));
        }
      }
      return Peerup.DONE;
    }

    /// Codes and links, for who looks after a home: they hold secrets.
    private static final List<String> FILES = List.of("invites.json", "links.json");

    private static final List<String> HEAD = List.of("ID", "FORM", "STATE", "UNTIL", "PEER");

    private static List<String> row(JsonObject invite) {
      return List.of(
          StatusView.text(invite, "id"),
          StatusView.text(invite, "form"),
          StatusView.text(invite, "state"),
          StatusView.text(invite, "expiresAt"),
          peers(invite));
    }

    private static String peers(JsonObject invite) {
      List<String> names = new ArrayList<>();
      if (invite.has("name")) {
        names.add(StatusView.text(invite, "name"));
      }
      if (invite.has("usedBy")) {
        for (JsonElement each : invite.getAsJsonArray("usedBy")) {
          names.add(StatusView.text(each.getAsJsonObject(), "name"));
        }
      }
      return names.isEmpty() ? "-" : String.join(", ", names);
    }
  }

  @Command(
      name = "show",
      description = {
        "Show one invite. The code itself is shown only when it is made.",
        "Or show what a link says, whoever made it: nothing is sent, and nothing changes."
      })
  static final class Show extends PeerupCommand {
    @Parameters(
        arity = "1..*",
        paramLabel = "ID|URL",
        description = "As `peerup invite list` shows it; or a link, - for standard input.")
    List<String> what = List.of();

    @Override
    protected int run(Home home, Voice voice) throws IOException {
      String id = what.equals(List.of("-")) ? JoinCommand.readCode() : String.join(" ", what);
      if (id.contains("#")) {
        showLink(AcceptCommand.parse(id), voice);
        return Peerup.DONE;
      }
      for (JsonElement each :
          Running.node(home).call("GET", "/v1/invites", null).getAsJsonArray("invites")) {
        JsonObject invite = each.getAsJsonObject();
        if (StatusView.text(invite, "id").equals(id)) {
          if (voice.json()) {
            voice.emit(invite);
          } else {
            voice.table(List.of(ListInvites.HEAD, ListInvites.row(invite)));
            voice.say(
                invite.has("wrongCodes")
                    ? "Wrong codes tried: " + invite.get("wrongCodes").getAsInt() + " of 3"
                    : "Used by "
                        + invite.getAsJsonArray("usedBy").size()
                        + " of "
                        + invite.get("uses").getAsInt());
          }
          return Peerup.DONE;
        }
      }
      throw new Failure(
          "no-such-invite",
          "there is no invite " + Printable.of(id),
          "`peerup invite list` shows them");
    }
  }

  /// What is written in it. The secrets are not shown.
  private static void showLink(InviteUrl link, Voice voice) {
    boolean over = !InstantSource.system().instant().isBefore(link.expires());
    JsonArray relays = new JsonArray();
    link.relays().forEach(each -> relays.add(each.toString()));
    JsonObject out = new JsonObject();
    out.addProperty("form", "link");
    out.addProperty("peerId", link.inviter().toString());
    out.addProperty("name", link.name());
    out.addProperty("network", link.namespace().orElse(""));
    out.add("relays", relays);
    out.addProperty("expiresAt", link.expires().toString());
    out.addProperty("state", over ? "expired" : "open");
    if (voice.json()) {
      voice.emit(out);
      return;
    }
    String network = link.namespace().orElse("default");
    voice.say("From      " + voice.bold(Printable.of(link.name())) + "  " + link.inviter());
    voice.say("Network   " + Printable.of(network));
    link.relays().forEach(each -> voice.say("Relay     " + Printable.of(each.toString())));
    voice.say("Until     " + link.expires() + (over ? "  " + voice.alert("EXPIRED") : ""));
    voice.say("The signature is right. Whether it was used, only its maker knows.");
  }

  @Command(
      name = "revoke",
      description = "Take an invite back. A device that used it stays paired.")
  static final class Revoke extends PeerupCommand {
    @Parameters(paramLabel = "ID", description = "As `peerup invite list` shows it.")
    String id = "";

    @Override
    protected int run(Home home, Voice voice) {
      JsonObject reply =
          Running.node(home).call("DELETE", "/v1/invites/" + ControlClient.segment(id), null);
      if (voice.json()) {
        voice.emit(reply);
      } else {
        voice.say("Revoked.");
      }
      return Peerup.DONE;
    }
  }
}
