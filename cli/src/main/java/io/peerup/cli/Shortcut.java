package io.peerup.cli;

import io.peerup.control.Failure;
import io.peerup.libp2p.OverlayException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.function.Supplier;

/// Commands that are typed all day, and the one that stays, without picocli: reading annotations is
/// most of a short command's time and some megabytes of a daemon. Understands only words that mean
/// one thing; wrong usage, help and every other option are left to the whole command tree, which
/// understands these words in the same way.
final class Shortcut {

  private static final Map<List<String>, Supplier<PeerupCommand>> COMMANDS =
      Map.of(
          List.of("status"), StatusCommand::new,
          List.of("daemon", "status"), DaemonCommand.Status::new,
          List.of("daemon"), DaemonCommand::new);

  private Shortcut() {}

  /// What was typed.
  record Understood(PeerupCommand command, Common common) {}

  /// The exit status, or empty if these words are not for this.
  static OptionalInt run(String... args) {
    Optional<Understood> understood = understand(args);
    return understood.isEmpty()
        ? OptionalInt.empty()
        : OptionalInt.of(run(understood.get().command(), understood.get().common()));
  }

  static Optional<Understood> understand(String... args) {
    Common common = new Common();
    List<String> words = new ArrayList<>();
    for (int i = 0; i < args.length; i++) {
      if (args[i].equals("--json") && !common.json) {
        common.json = true;
      } else if (args[i].equals("--non-interactive") && !common.nonInteractive) {
        common.nonInteractive = true;
      } else if (args[i].equals("--home")
          && common.home == null
          && i + 1 < args.length
          && isName(args[i + 1])) {
        common.home = args[++i];
      } else {
        words.add(args[i]);
      }
    }
    Supplier<PeerupCommand> command = COMMANDS.get(words);
    return command == null ? Optional.empty() : Optional.of(new Understood(command.get(), common));
  }

  /// No option, and no file of arguments either.
  private static boolean isName(String word) {
    return !word.isBlank() && !word.startsWith("-") && !word.startsWith("@");
  }

  private static int run(PeerupCommand command, Common common) {
    try {
      return command.run(common.home(), common.voice());
    } catch (Exception failed) {
      return explain(failed, common.voice());
    }
  }

  /// Turns what a command threw into words and an exit status.
  static int explain(Exception thrown, Voice voice) {
    switch (thrown) {
      case Failure failure -> voice.fail(failure);
      case OverlayException e ->
          voice.fail(new Failure(code(e), String.valueOf(e.getMessage()), e.hint(), e));
      case InterruptedException _ -> voice.fail(new Failure("interrupted", "interrupted", ""));
      default -> voice.fail(Internal.failure(thrown));
    }
    return Peerup.FAILED;
  }

  private static String code(OverlayException e) {
    return e.getClass()
        .getSimpleName()
        .replaceAll("(?<=[a-z])(?=[A-Z])", "-")
        .toLowerCase(Locale.ROOT);
  }
}
