package io.peerup.cli;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import io.peerup.control.Durations;
import io.peerup.control.Failure;
import io.peerup.control.Home;
import io.peerup.control.Printable;
import io.peerup.libp2p.MalformedInput;
import io.peerup.pairing.InviteUrl;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
    name = "accept",
    description = {
      "Pair with an invite link; whoever made it may be offline. Starts the daemon.",
      "On a fresh machine this is the only command needed. See: peerup help pairing"
    })
final class AcceptCommand extends PeerupCommand {

  /// Reaching the relay, leaving the request, and the daemon's start.
  private static final Duration REQUEST_MAX = Duration.ofSeconds(60);

  private static final Duration WAIT_MAX = Duration.ofHours(1);

  @Parameters(
      arity = "1..*",
      paramLabel = "URL",
      description = "The link, however it was wrapped or quoted; - reads it from standard input.")
  List<String> link = List.of();

  @Option(
      names = "--name",
      paramLabel = "NAME",
      description = "What the others call this device (default: this machine's host name).")
  @Nullable String name;

  @Option(
      names = "--wait",
      paramLabel = "TIME",
      description =
          "How long to wait for the answer of whoever made the link, up to 1h (default:"
              + " ${DEFAULT-VALUE}). It may come later; the daemon goes on waiting.")
  String wait = "30s";

  @Option(names = "--no-wait", description = "Only leave the request.")
  boolean noWait;

  @Option(
      names = "--network",
      paramLabel = "NAME",
      description =
          "The private network to be in: the link must be for it, and a node that is in another"
              + " moves there. Empty for the common one.")
  @Nullable String network;

  @Mixin PassphraseOptions passphrase = new PassphraseOptions();

  @Option(names = "--no-daemon", description = "Accept, but leave no daemon running afterwards.")
  boolean noDaemon;

  @Override
  protected int run(Home home, Voice voice) throws Exception {
    String text = link.equals(List.of("-")) ? JoinCommand.readCode() : String.join(" ", link);
    var _ = parse(text);
    JoinCommand.Wanted wanted =
        new JoinCommand.Wanted(text, JoinCommand.chosenName(name), network, passphrase, noDaemon);
    JoinCommand.checkNetwork(network, this);
    Duration most = noWait ? Duration.ZERO : waiting();
    tell(accept(home, wanted, most, voice), voice);
    return Peerup.DONE;
  }

  private Duration waiting() {
    Duration most;
    try {
      most = Durations.parse(wait);
    } catch (IllegalArgumentException e) {
      throw misuse("--wait: " + e.getMessage());
    }
    if (most.compareTo(WAIT_MAX) > 0) {
      throw misuse("--wait must be at most 1h");
    }
    return most;
  }

  /// @throws Failure `bad-code`
  static InviteUrl parse(String text) {
    try {
      return InviteUrl.parse(text);
    } catch (MalformedInput e) {
      throw new Failure("bad-code", String.valueOf(e.getMessage()), e.hint(), e);
    }
  }

  /// Leaves the request and waits for the answer.
  static JsonObject accept(Home home, JoinCommand.Wanted wanted, Duration most, Voice voice)
      throws Exception {
    JsonObject more = new JsonObject();
    more.addProperty("waitSeconds", most.toSeconds());
    return JoinCommand.ask(home, wanted, more, REQUEST_MAX.plus(most), voice);
  }

  static void tell(JsonObject result, Voice voice) {
    if (voice.json()) {
      voice.emit(result);
      return;
    }
    String name = voice.bold(StatusView.text(result, "name"));
    String peer = StatusView.text(result, "peerId");
    if (StatusView.text(result, "status").equals("paired")) {
      voice.say("Paired with " + name + "  " + peer + "  " + voice.alert("[UNVERIFIED]"));
    } else {
      voice.say("Waiting for " + name + "  " + peer);
      voice.say(
          "It is not paired before that device comes online and answers, until "
              + StatusView.text(result, "expiresAt")
              + ". `peerup status` shows it.");
    }
    for (JsonElement each : result.getAsJsonArray("warnings")) {
      voice.warn(Printable.of(each.getAsString()));
    }
    voice.say(JoinCommand.next(StatusView.text(result, "daemon")));
  }
}
