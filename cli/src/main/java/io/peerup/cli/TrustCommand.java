package io.peerup.cli;

import com.google.gson.JsonObject;
import io.peerup.control.Home;
import picocli.CommandLine.Command;

@Command(
    name = "trust",
    description = "Show why a peer may talk to this device, or why not.",
    subcommands = {TrustCommand.Explain.class})
final class TrustCommand extends GroupCommand {

  @Command(
      name = "explain",
      description = {
        "Say whether a peer may talk to this device, about what, and why.",
        "Also for a peer that is not known here. Works without a running daemon, and at a relay."
      })
  static final class Explain extends OnePeer {
    @Override
    protected int run(Home home, Voice voice) {
      JsonObject found = Trust.ask(home, Trust.Verb.EXPLAIN, typed());
      if (voice.json()) {
        voice.emit(found);
        return Peerup.DONE;
      }
      boolean allowed = found.get("allowed").getAsBoolean();
      voice.say("Peer      " + Trust.title(found));
      voice.say("Allowed   " + (allowed ? voice.good("yes") : voice.alert("no")));
      voice.say("Because   " + StatusView.text(found, "reason"));
      voice.say("Tiers     " + orNone(Trust.words(found, "tiers")));
      voice.say("Scopes    " + orNone(Trust.words(found, "scopes")));
      voice.say("Blocked   " + (found.get("blocked").getAsBoolean() ? voice.alert("yes") : "no"));
      return Peerup.DONE;
    }

    private static String orNone(String words) {
      return words.isEmpty() ? "none" : words;
    }
  }
}
