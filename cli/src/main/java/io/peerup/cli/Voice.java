package io.peerup.cli;

import com.google.gson.JsonObject;
import io.peerup.control.Failure;
import io.peerup.control.Printable;
import java.io.Console;
import java.io.PrintStream;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/// How the command line speaks. The rules:
///
/// - Results go to standard output, everything else (progress, warnings, errors) to standard error.
/// - With `--json` standard output has JSON and nothing else: one document, or one object a line;
///   an error is a document, too.
/// - An error is one sentence that says what was tried and what happened, then `hint:` with what to
///   do.
/// - Text from elsewhere (names, messages of peers) is made safe for a terminal first.
/// - A person is asked only at a terminal, never with `--json` or `--non-interactive`.
/// - Colour only on a terminal, and never with `NO_COLOR`.
public final class Voice {

  private final PrintStream out;
  private final PrintStream err;
  private final boolean json;
  private final boolean colour;
  private final boolean progress;
  private final boolean asks;

  /// @param json whether standard output is for scripts
  /// @param terminal whether a person looks at it
  /// @param noColour whether the environment forbids colour
  public Voice(PrintStream out, PrintStream err, boolean json, boolean terminal, boolean noColour) {
    this(out, err, json, terminal, noColour, false);
  }

  private Voice(
      PrintStream out,
      PrintStream err,
      boolean json,
      boolean terminal,
      boolean noColour,
      boolean asks) {
    this.out = out;
    this.err = err;
    this.json = json;
    this.colour = terminal && !noColour && !json;
    this.progress = terminal;
    this.asks = asks && terminal && !json;
  }

  /// The voice of this process. The launcher says whether a person looks on: asking the JDK would
  /// load a line editor.
  static Voice ofProcess(boolean json, boolean asks) {
    return new Voice(System.out, System.err, json, onTerminal(), colourForbidden(), asks);
  }

  /// Whether this process may print in colour at all.
  static boolean colourWanted() {
    return onTerminal() && !colourForbidden();
  }

  private static boolean onTerminal() {
    return System.getenv("PEERUP_TERMINAL") != null;
  }

  /// An empty NO_COLOR forbids nothing (no-color.org).
  private static boolean colourForbidden() {
    String variable = System.getenv("NO_COLOR");
    return (variable != null && !variable.isEmpty()) || "dumb".equals(System.getenv("TERM"));
  }

  public boolean json() {
    return json;
  }

  /// One line of the result, for people.
  public void say(String line) {
    out.println(line);
  }

  /// One JSON document or line, for scripts.
  public void emit(JsonObject object) {
    out.println(object);
    out.flush();
  }

  /// What is going on, for people who wait.
  public void progress(String line) {
    if (progress && !json) {
      err.println(line);
    }
  }

  /// Whether somebody sits there who can be asked.
  boolean canAsk() {
    return console().isPresent();
  }

  private Optional<Console> console() {
    return asks
        ? Optional.ofNullable(System.console()).filter(Console::isTerminal)
        : Optional.empty();
  }

  /// Asks what a yes or a no answers. Whatever is no yes is a no, and so is nobody to ask.
  boolean confirm(String question) {
    return ask(question).filter(Voice::isYes).isPresent();
  }

  /// Asks what a yes, a no, or more answers. Empty if there is nobody to ask.
  Optional<String> ask(String question) {
    Optional<Console> console = console();
    if (console.isEmpty()) {
      return Optional.empty();
    }
    err.print(Printable.of(question) + " [y/N] ");
    err.flush();
    return Optional.ofNullable(console.get().readLine()).map(String::strip);
  }

  static boolean isYes(String answer) {
    return answer.strip().toLowerCase(Locale.ROOT).matches("y|yes");
  }

  /// A text as a picture to scan, and the text itself below it.
  void picture(String text) {
    QrPicture.of(text, colour).forEach(out::println);
    say(text);
  }

  /// Asks for something that nobody may see on the screen; empty where there is nobody to ask. The
  /// caller wipes it.
  Optional<char[]> secret(String prompt) {
    // The prompt must not come before the echo is off: whoever is fast would be seen.
    return console()
        .flatMap(console -> Optional.ofNullable(console.readPassword("%s", Printable.of(prompt))));
  }

  /// Waits in view of the user until `end`: on a terminal a line counts down, until it is closed.
  Waiting waiting(String what, Instant end) {
    return progress && !json
        ? Countdown.start(err, what, end, InstantSource.system())::close
        : () -> {};
  }

  /// Something that is shown until it is over.
  interface Waiting extends AutoCloseable {
    @Override
    void close();
  }

  /// Something that the user should know although the command goes on.
  public void warn(String line) {
    err.println(paint("33", "warning: ") + Printable.of(line));
  }

  /// Why the command failed.
  public void fail(Failure failure) {
    if (json) {
      emit(failure.toJson());
    } else {
      lines(failure, paint("31", "error: "), paint("36", "hint: ")).forEach(err::println);
    }
  }

  /// An error as people read it, one `error:` for each line of the message, then the hint.
  static List<String> lines(Failure failure, String error, String hint) {
    List<String> out = new ArrayList<>();
    failure.message().lines().forEach(line -> out.add(error + Printable.of(line)));
    if (!failure.hint().isEmpty()) {
      out.add(hint + Printable.of(failure.hint()));
    }
    return out;
  }

  String good(String text) {
    return paint("32", text);
  }

  String dim(String text) {
    return paint("2", text);
  }

  String bold(String text) {
    return paint("1", text);
  }

  /// A warning that nobody may overlook.
  String danger(String text) {
    return paint("1;31", text);
  }

  String alert(String text) {
    return paint("33", text);
  }

  /// Columns padded to equal width, two spaces apart.
  public void table(List<List<String>> rows) {
    int columns = rows.stream().mapToInt(List::size).max().orElse(0);
    int[] widths = new int[columns];
    for (List<String> row : rows) {
      for (int i = 0; i < row.size(); i++) {
        widths[i] = Math.max(widths[i], visibleLength(row.get(i)));
      }
    }
    for (List<String> row : rows) {
      StringBuilder line = new StringBuilder();
      for (int i = 0; i < row.size(); i++) {
        line.append(row.get(i));
        if (i < row.size() - 1) {
          line.append(" ".repeat(widths[i] - visibleLength(row.get(i)) + 2));
        }
      }
      say(line.toString().stripTrailing());
    }
  }

  /// `340 ms`, `4.2 s`, `9 s`, `3m 10s`, `2h 5m`, `3d 4h`.
  public static String time(Duration duration) {
    long millis = duration.toMillis();
    if (millis > 0 && millis < 1000) {
      return millis + " ms";
    }
    if (millis < 60_000 && millis % 1000 == 0) {
      return millis / 1000 + " s";
    }
    if (millis < 60_000) {
      return String.format(Locale.ROOT, "%.1f s", millis / 1000.0);
    }
    if (duration.toHours() < 1) {
      return duration.toMinutes() + "m " + duration.toSecondsPart() + "s";
    }
    if (duration.toDays() < 1) {
      return duration.toHours() + "h " + duration.toMinutesPart() + "m";
    }
    return duration.toDays() + "d " + duration.toHoursPart() + "h";
  }

  private String paint(String code, String text) {
    return colour ? "\u001b[" + code + "m" + text + "\u001b[0m" : text;
  }

  private static int visibleLength(String text) {
    return (int) text.replaceAll("\u001b\\[[0-9;]*m", "").codePoints().count();
  }
}
