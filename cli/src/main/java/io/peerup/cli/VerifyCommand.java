package io.peerup.cli;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import io.peerup.control.Failure;
import io.peerup.control.Home;
import io.peerup.control.client.ControlClient;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
    name = "verify",
    description = {
      "Find out, with the owner of another device, that nobody stands between the two.",
      "Run it on both: each shows four symbols and six digits. Compare them by voice, in person or",
      "in another app, and say on both whether they are the same. A peer that was verified is marked",
      "[VERIFIED]. With --full no connection is needed."
    },
    footer = "Exit status 0 when the peer is verified, or its number was only to be shown.")
final class VerifyCommand extends PeerupCommand {

  private static final String SIX_DIGITS = "[0-9]{3}[ -]?[0-9]{3}";
  private static final String QUESTION = "Does the other device show the same?";
  private static final String FOUR_GROUPS = "((?:[0-9]{5} ){3}[0-9]{5}) ?";

  @Parameters(paramLabel = "PEER", description = "Its name or peer id.")
  String peer = "";

  @Option(
      names = "--full",
      description = "Show sixty digits over the two identities instead: the safety number.")
  boolean full;

  @Option(names = "--qr", description = "Show the safety number as a picture to scan, too.")
  boolean qr;

  @Option(
      names = "--code",
      paramLabel = "CODE",
      description =
          "What the other device shows: the six digits, the sixty, or the text of its picture. Also"
              + " answers for a command that waits in another terminal.")
  @Nullable String code;

  @Override
  protected int run(Home home, Voice voice) {
    boolean short_ = code != null && code.strip().matches(SIX_DIGITS);
    if ((full || qr) && short_) {
      throw misuse("--code with --full or --qr takes sixty digits, or the text of a picture");
    }
    return full || qr || (code != null && !short_) ? number(home, voice) : live(home, voice);
  }

  // --------------------------------------------------------------------------------- safety number

  private int number(Home home, Voice voice) {
    Optional<String> brought = Optional.ofNullable(code);
    JsonObject reply = Trust.safetyNumber(home, peer, brought);
    if (voice.json()) {
      voice.emit(reply);
      return Peerup.DONE;
    }
    if (brought.isEmpty()) {
      show(reply, voice);
      if (!voice.canAsk()) {
        voice.say("The same on both? Then: peerup verify " + name(reply) + " --full --code DIGITS");
        return Peerup.DONE;
      }
      if (!voice.confirm(QUESTION)) {
        voice.say("Not confirmed. " + Trust.title(reply));
        return Peerup.FAILED;
      }
      reply = Trust.safetyNumber(home, peer, Optional.of(StatusView.text(reply, "digits")));
    }
    voice.say("Verified " + Trust.title(reply));
    return Peerup.DONE;
  }

  private void show(JsonObject reply, Voice voice) {
    voice.say("Safety number of this device and " + Trust.title(reply));
    StatusView.text(reply, "digits")
        .replaceAll(FOUR_GROUPS, "$1\n")
        .lines()
        .forEach(line -> voice.say("  " + voice.bold(line)));
    if (qr) {
      voice.picture(StatusView.text(reply, "scan"));
    }
  }

  // ------------------------------------------------------------------------------------- live code

  private int live(Home home, Voice voice) {
    JsonObject request = new JsonObject();
    request.addProperty("peer", peer);
    AtomicReference<String> last = new AtomicReference<>("");
    voice.progress("Connecting…");
    Running.node(home).stream(
        "POST",
        "/v1/verify",
        request,
        line -> {
          last.set(StatusView.text(line, "event"));
          if (voice.json()) {
            voice.emit(line);
          } else {
            tell(line, voice);
          }
          if (last.get().equals("code")) {
            answer(home, line, voice);
          }
        });
    return last.get().equals("verified") ? Peerup.DONE : Peerup.FAILED;
  }

  private void tell(JsonObject line, Voice voice) {
    switch (StatusView.text(line, "event")) {
      case "code" -> {
        StringBuilder symbols = new StringBuilder();
        for (JsonElement each : line.getAsJsonArray("emoji")) {
          JsonObject symbol = each.getAsJsonObject();
          symbols
              .append("  ")
              .append(StatusView.text(symbol, "symbol"))
              .append(' ')
              .append(StatusView.text(symbol, "name"));
        }
        voice.say("Code with " + voice.bold(name(line)) + "  " + StatusView.text(line, "peerId"));
        voice.say(voice.bold(symbols + "    " + StatusView.text(line, "digits")));
        voice.say("Run peerup verify on the other device, too, and compare by voice or in person.");
      }
      case "verified" -> voice.say(voice.good("Verified.") + " Both people saw the same code.");
      case "mismatch" -> {
        voice.say(voice.danger("NOT VERIFIED: " + StatusView.text(line, "reason") + "."));
        voice.say(
            voice.danger(
                "If nobody mistyped, somebody is between the two devices: peerup peer block "
                    + peer));
      }
      default -> voice.say("Not verified: " + StatusView.text(line, "reason") + ".");
    }
  }

  /// Brings the person's answer while the stream goes on: the other person may be faster, and may
  /// say no. Where nobody can be asked, another command brings it.
  private void answer(Home home, JsonObject shown, Voice voice) {
    String run = StatusView.text(shown, "run");
    if (code != null) {
      send(home, run, "digits", code);
    } else if (voice.canAsk()) {
      Thread.ofPlatform().daemon().name("answer").start(() -> ask(home, run, voice));
    } else {
      voice.progress("Waiting for: peerup verify " + name(shown) + " --code DIGITS");
    }
  }

  private static void ask(Home home, String run, Voice voice) {
    Optional<String> said = voice.ask(QUESTION);
    try {
      if (said.isPresent() && said.get().matches(SIX_DIGITS)) {
        send(home, run, "digits", said.get());
      } else if (said.isPresent()) {
        send(home, run, "answer", Voice.isYes(said.get()) ? "yes" : "no");
      }
    } catch (Failure e) {
      // It ended while the person thought; the stream has said how.
      if (!e.code().equals("verification-over")) {
        voice.warn(e.message());
      }
    }
  }

  private static void send(Home home, String run, String key, String value) {
    JsonObject request = new JsonObject();
    request.addProperty("run", run);
    request.addProperty(key, value);
    var _ =
        ControlClient.of(home).call("POST", "/v1/verify/answer", request, StatusCommand.ASK_MAX);
  }

  private static String name(JsonObject document) {
    return StatusView.text(document, "name");
  }
}
