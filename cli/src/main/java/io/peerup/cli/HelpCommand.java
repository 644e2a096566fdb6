package io.peerup.cli;

import com.google.gson.JsonObject;
import io.peerup.control.Home;
import io.peerup.control.Printable;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

@Command(
    name = "help",
    description = "Explain a command or a topic: peerup help relay pair, peerup help pairing.")
final class HelpCommand extends PeerupCommand {

  private static final String PAIRING =
      """
      Two devices, at least one of them known to a relay: an invite.

        On one device:            peerup invite
        On the other:             peerup join EJWJ-7KQK-W0C9-MGVF@relay.example --name laptop

      The code is good for ten minutes, one device and three attempts. It never travels: both devices
      prove to each other that they know it, so a relay in between has one guess an attempt. With
      --spoken it is a number and four words.

      A device that may be offline when the other one joins: a link.

        On one device:            peerup invite --url --ttl 24h
        On the other:             peerup accept 'peerup:join#…' --name laptop

      Whoever has the link first is in, so send it to one person, by a channel that you trust.

      Several devices and one relay: group codes.

        On the relay's machine:   peerup relay pair --count 3 --ttl 1h
        On each device:           peerup join CODE --name laptop

      Every device of the group then trusts every other one, also those that join later or were
      offline meanwhile. Each code works once, for one device. Three wrong codes burn what is left
      of the group's codes; devices that joined stay. `peerup relay pair --reissue CODE`, with any old
      code of the group, gives it fresh ones.

      What a code holds: where the relay is, a fingerprint of the relay's identity, a secret of the
      code and a secret of the group. The relay's process never sees either secret, only a hash, so
      it cannot put a stranger into your group. Whoever has an unused code can join: send it to the
      person it is for, and to nobody else.

      New peers are marked [UNVERIFIED]: the code was right, but nobody compared identities. To do
      that, run on both devices

        peerup verify PEER

      and compare the four symbols and six digits by voice or in person. Or, without a connection,
      the sixty digits of `peerup verify PEER --full`.\
      """;

  @Parameters(arity = "0..*", paramLabel = "TOPIC", description = "A command, or: pairing.")
  List<String> topic = new ArrayList<>();

  @Override
  protected int run(Home home, Voice voice) {
    String text = text(topic);
    if (voice.json()) {
      JsonObject out = new JsonObject();
      out.addProperty("topic", String.join(" ", topic));
      out.addProperty("text", text);
      voice.emit(out);
    } else {
      voice.say(text);
    }
    return Peerup.DONE;
  }

  String text(List<String> words) {
    if (words.equals(List.of("pairing"))) {
      return PAIRING;
    }
    CommandLine named = spec.root().commandLine();
    for (String word : words) {
      CommandLine next = named.getSubcommands().get(word);
      if (next == null) {
        throw misuse("there is no help on `" + Printable.of(String.join(" ", words)) + "`");
      }
      named = next;
    }
    return named.getUsageMessage().stripTrailing();
  }
}
