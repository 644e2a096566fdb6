package io.peerup.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;
import picocli.CommandLine.ParseResult;

class ShortcutTest {

  private static final List<String> WHERE = List.of("--home", "somewhere");

  @TempDir Path nothing;

  @Test
  void wordsThatMeanMoreThanOneThingAreLeftToTheWholeTree() {
    String home = nothing.resolve("none").toString();
    for (List<String> words :
        List.<List<String>>of(
            List.of(),
            List.of("--help"),
            List.of("status", "--help"),
            List.of("daemon", "start"),
            List.of("status", "daemon"),
            List.of("daemon", "status", "--watch"),
            List.of("daemon", "--passphrase-stdin"),
            List.of("status", "--home"),
            List.of("status", "--home", "--json"),
            List.of("status", "--home", " "),
            List.of("status", "--home", "@words"),
            List.of("status", "--home=" + home),
            List.of("status", "--home", home, "--home", home),
            List.of("status", "--json", "--json"),
            List.of("Status"))) {
      assertThat(Shortcut.run(words.toArray(String[]::new))).as("%s", words).isEmpty();
    }
  }

  @Test
  void whatItTakesTheWholeTreeUnderstandsInTheSameWay() {
    for (List<String> command :
        List.of(List.of("status"), List.of("daemon", "status"), List.of("daemon"))) {
      for (List<String> options :
          List.of(List.<String>of(), List.of("--json"), List.of("--json", "--non-interactive"))) {
        for (boolean before : List.of(true, false)) {
          String[] words = words(command, options, before);
          Shortcut.Understood ours = Shortcut.understand(words).orElseThrow();
          ParseResult theirs = Peerup.commandLine(words).parseArgs(words);
          while (theirs.hasSubcommand()) {
            theirs = theirs.subcommand();
          }
          CommandLine innermost = theirs.commandSpec().commandLine();
          Common common = Common.inForce(innermost.getCommandSpec());
          Object told = innermost.getCommand();
          assertThat(ours.command()).as("%s", List.of(words)).hasSameClassAs(told);
          assertThat(ours.common()).usingRecursiveComparison().isEqualTo(common);
        }
      }
    }
  }

  private static String[] words(List<String> command, List<String> options, boolean before) {
    List<String> words = new java.util.ArrayList<>(WHERE);
    words.addAll(before ? options : command);
    words.addAll(before ? command : options);
    return words.toArray(String[]::new);
  }

  @Test
  void aFailureIsExplainedAndEndsWithItsStatus() {
    String home = nothing.resolve("none").toString();
    assertThat(Shortcut.run("status", "--json", "--home", home)).hasValue(Peerup.FAILED);
  }
}
