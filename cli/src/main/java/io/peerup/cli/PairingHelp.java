package io.peerup.cli;

import io.peerup.control.Home;
import picocli.CommandLine.Command;

@Command(name = "help", description = "Explain a topic: peerup help pairing.")
final class PairingHelp extends PeerupCommand {

  @picocli.CommandLine.Parameters(
      arity = "0..1",
      paramLabel = "pairing",
      description = "The topic.")
  String topic = "";

  @Override
  protected int run(Home home, Voice voice) {
    if (!topic.equals("pairing")) {
      picocli.CommandLine root = Peerup.commandLine();
      picocli.CommandLine named = root.getSubcommands().get(topic);
      voice.say((named == null ? root : named).getUsageMessage());
      return Peerup.DONE;
    }
    voice.say(
        """
        Several devices and one relay: group codes.

          On the relay's machine:   peerup relay pair --count 3 --ttl 1h
          On each device:           peerup join CODE --name laptop

        Every device of the group then trusts every other one, also those that join later or were
        offline meanwhile. Each code works once, for one device. Three wrong codes burn what is left
        of the group's codes; devices that joined stay. `peerup relay pair` makes new ones.

        What a code holds: where the relay is, a fingerprint of the relay's identity, a secret of the
        code and a secret of the group. The relay's process never sees either secret, only a hash, so
        it cannot put a stranger into your group. Whoever has an unused code can join: send it to the
        person it is for, and to nobody else.

        New peers are marked [UNVERIFIED]: the code was right, but nobody compared identities.\
        """);
    return Peerup.DONE;
  }
}
