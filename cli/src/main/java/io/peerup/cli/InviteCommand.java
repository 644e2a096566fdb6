package io.peerup.cli;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import io.peerup.control.Durations;
import io.peerup.control.Failure;
import io.peerup.control.Home;
import io.peerup.control.Printable;
import io.peerup.control.client.ControlClient;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
    name = "invite",
    description = {
      "Make a code with which one other device pairs with this one, and wait for it.",
      "On the other device: peerup join CODE. Ends when it is used; Ctrl-C leaves the code valid.",
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

  @Option(names = "--spoken", description = "A number and four words, to be read aloud.")
  boolean spoken;

  @Option(
      names = "--full",
      description = "A long code to be pasted: it names this device and carries 128 secret bits.")
  boolean full;

  @Option(names = "--qr", description = "The code of --full, as a picture to scan, too.")
  boolean qr;

  @Option(
      names = "--name",
      paramLabel = "NAME",
      description =
          "What the other device calls this one (default: as before, else this machine's name).")
  @Nullable String name;

  @Option(
      names = "--ttl",
      paramLabel = "TIME",
      description = "How long the code can be used: 1m to 1h (default: ${DEFAULT-VALUE}).")
  String ttl = "10m";

  @Override
  protected int run(Home home, Voice voice) {
    Duration life = ttl();
    if (spoken && (full || qr)) {
      throw misuse("--spoken and --full (or --qr) are two forms of code: choose one");
    }
    JsonObject request = new JsonObject();
    request.addProperty("form", spoken ? "spoken" : full || qr ? "full" : "typed");
    request.addProperty("ttlSeconds", life.toSeconds());
    request.addProperty("defaultName", JoinCommand.hostName());
    if (name != null) {
      JoinCommand.checkName(name);
      request.addProperty("name", name);
    }
    AtomicBoolean paired = new AtomicBoolean();
    Running.node(home).stream(
        "POST",
        "/v1/invites",
        request,
        line -> {
          paired.compareAndSet(false, StatusView.text(line, "event").equals("paired"));
          tell(line, life, qr, voice);
        });
    return paired.get() ? Peerup.DONE : Peerup.FAILED;
  }

  private Duration ttl() {
    Duration life;
    try {
      life = Durations.parse(ttl);
    } catch (IllegalArgumentException e) {
      throw misuse("--ttl: " + e.getMessage());
    }
    if (life.compareTo(TTL_MIN) < 0 || life.compareTo(TTL_MAX) > 0) {
      throw misuse("--ttl must be 1m to 1h");
    }
    return life;
  }

  private static void tell(JsonObject line, Duration life, boolean qr, Voice voice) {
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
        voice.progress("Waiting…");
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

  @Command(name = "list", description = "List invites of the last day.")
  static final class ListInvites extends PeerupCommand {
    @Override
    protected int run(Home home, Voice voice) {
      JsonObject reply = Running.node(home).call("GET", "/v1/invites", null);
      if (voice.json()) {
        voice.emit(reply);
        return Peerup.DONE;
      }
      JsonArray all = reply.getAsJsonArray("invites");
      if (all.isEmpty()) {
        voice.say("There are no invites.");
        return Peerup.DONE;
      }
      List<List<String>> rows = new ArrayList<>();
      rows.add(List.of("ID", "FORM", "STATE", "UNTIL", "PEER"));
      for (JsonElement each : all) {
        rows.add(row(each.getAsJsonObject()));
      }
      voice.table(rows);
      return Peerup.DONE;
    }

    private static List<String> row(JsonObject invite) {
      return List.of(
          StatusView.text(invite, "id"),
          StatusView.text(invite, "form"),
          StatusView.text(invite, "state"),
          StatusView.text(invite, "expiresAt"),
          invite.has("name") ? Printable.of(StatusView.text(invite, "name")) : "-");
    }
  }

  @Command(
      name = "show",
      description = "Show one invite. The code itself is shown only when it is made.")
  static final class Show extends PeerupCommand {
    @Parameters(paramLabel = "ID", description = "As `peerup invite list` shows it.")
    String id = "";

    @Override
    protected int run(Home home, Voice voice) {
      for (JsonElement each :
          Running.node(home).call("GET", "/v1/invites", null).getAsJsonArray("invites")) {
        JsonObject invite = each.getAsJsonObject();
        if (StatusView.text(invite, "id").equals(id)) {
          if (voice.json()) {
            voice.emit(invite);
          } else {
            voice.table(
                List.of(List.of("ID", "FORM", "STATE", "UNTIL", "PEER"), ListInvites.row(invite)));
            voice.say("Wrong codes tried: " + invite.get("wrongCodes").getAsInt() + " of 3");
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
