package io.peerup.trust;

import io.peerup.control.Printable;
import io.peerup.libp2p.MalformedInput;
import io.peerup.libp2p.PeerId;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/// The content of `authorized_keys` (`docs/protocols/authorized-keys.md`): who is authorised, and
/// every byte around it. Immutable and thread-safe; changes make a new one.
///
/// A line that does not fit the grammar is disabled: it authorises nobody, is listed with the
/// reason, and has no influence on the other lines.
public final class AuthorizedKeys {

  private static final AuthorizedKeys EMPTY = new AuthorizedKeys(List.of());

  // Line ends are part of the lines: "\n", "\r\n", and at the end of the file "\r" or nothing.
  private final List<Line> lines;
  private final Map<PeerId, AuthorizedPeer> peers = new LinkedHashMap<>();
  private final List<DisabledLine> disabled = new ArrayList<>();

  private record Line(KeyLine content, String end) {}

  /// A line without effect.
  ///
  /// @param number counted from 1
  /// @param reason why
  /// @param text the line, safe to print, shortened
  public record DisabledLine(int number, String reason, String text) {}

  private AuthorizedKeys(List<Line> lines) {
    this.lines = withoutDoubles(lines);
    int number = 0;
    for (Line line : this.lines) {
      number++;
      KeyLine content = line.content();
      content.peer().ifPresent(p -> peers.put(p.peer(), p));
      if (content.problem().isPresent()) {
        disabled.add(new DisabledLine(number, content.problem().get(), shown(content)));
      }
    }
  }

  /// Nobody.
  public static AuthorizedKeys empty() {
    return EMPTY;
  }

  /// Reads a file's bytes. Never fails: what cannot be understood is in [#disabled].
  public static AuthorizedKeys parse(byte[] content) {
    List<Line> lines = new ArrayList<>();
    int start = 0;
    while (start < content.length) {
      int feed = start;
      while (feed < content.length && content[feed] != '\n') {
        feed++;
      }
      boolean ended = feed < content.length;
      boolean windows = feed > start && content[feed - 1] == '\r';
      KeyLine line = KeyLine.read(Arrays.copyOfRange(content, start, windows ? feed - 1 : feed));
      // What was cut off may have been `expires`: such a line must not authorise.
      lines.add(
          new Line(
              ended || line.peer().isEmpty()
                  ? line
                  : line.disabled("it may be cut: nothing ends it; add a line end if it is whole"),
              (windows ? "\r" : "") + (ended ? "\n" : "")));
      start = feed + 1;
    }
    return new AuthorizedKeys(lines);
  }

  /// As the other `parse`, from text.
  public static AuthorizedKeys parse(String content) {
    return parse(content.getBytes(StandardCharsets.UTF_8));
  }

  /// The file: byte for byte what was parsed, but for the changes made since.
  public byte[] render() {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    for (Line line : lines) {
      out.writeBytes(line.content().raw());
      out.writeBytes(line.end().getBytes(StandardCharsets.US_ASCII));
    }
    return out.toByteArray();
  }

  /// Everyone with a line in force, expired ones included, in the order of the file.
  public List<AuthorizedPeer> peers() {
    return List.copyOf(peers.values());
  }

  /// The lines without effect that were meant to have one.
  public List<DisabledLine> disabled() {
    return List.copyOf(disabled);
  }

  /// The peer with this id.
  public Optional<AuthorizedPeer> find(PeerId peer) {
    return Optional.ofNullable(peers.get(peer));
  }

  /// The first peer with this name.
  public Optional<AuthorizedPeer> find(String name) {
    return peers.values().stream().filter(p -> p.name().equals(name)).findFirst();
  }

  /// True if any line begins with this peer's id, in force or disabled: then it is not removed, at
  /// most without effect until somebody mends the line.
  public boolean mentions(PeerId peer) {
    return lines.stream().anyMatch(l -> l.content().names().equals(Optional.of(peer)));
  }

  /// Whether the lines about this peer, if there were any, have been deleted. Not so while a
  /// damaged line does not tell whom it is about: it may be this peer's, which must not be
  /// forgotten for good because a disk or an editor failed.
  public boolean lacks(PeerId peer) {
    return !mentions(peer)
        && lines.stream()
            .map(Line::content)
            .noneMatch(line -> line.problem().isPresent() && line.names().isEmpty());
  }

  /// Whose id any line begins with, in force or disabled.
  Set<PeerId> mentioned() {
    return lines.stream()
        .map(line -> line.content().names())
        .flatMap(Optional::stream)
        .collect(Collectors.toUnmodifiableSet());
  }

  /// The first disabled line that does not tell whom it is about.
  Optional<DisabledLine> firstWithoutPeer() {
    return disabled.stream()
        .filter(line -> lines.get(line.number() - 1).content().names().isEmpty())
        .findFirst();
  }

  /// When the next authorisation or tier ends, seen from `now`; empty if none will.
  public Optional<Instant> nextExpiry(Instant now) {
    return peers.values().stream()
        .flatMap(p -> Stream.of(p.expires(), p.tierExpires()))
        .flatMap(Optional::stream)
        .filter(now::isBefore)
        .min(Comparator.naturalOrder());
  }

  /// With this peer: its line changed to what is given (unknown attributes, spacing and the comment
  /// stay), or a line added at the end. Throws [MalformedInput] if there are too many peers.
  public AuthorizedKeys with(AuthorizedPeer peer) {
    List<Line> changed = new ArrayList<>(lines);
    if (peers.containsKey(peer.peer())) {
      changed.replaceAll(
          l -> isOf(l.content(), peer.peer()) ? new Line(l.content().changedTo(peer), l.end()) : l);
      return new AuthorizedKeys(changed);
    }
    if (peers.size() >= Limits.PEERS_MAX) {
      throw new MalformedInput(
          "there are %d authorised peers already".formatted(Limits.PEERS_MAX),
          "remove peers that are no longer needed");
    }
    // Never behind a last line that nothing ends: that would put an end to what may be cut.
    boolean open = !changed.isEmpty() && !changed.getLast().end().endsWith("\n");
    changed.add(changed.size() - (open ? 1 : 0), new Line(KeyLine.of(peer), "\n"));
    return new AuthorizedKeys(changed);
  }

  /// Without this peer: every line that names it goes, so that no second line takes over.
  public AuthorizedKeys without(PeerId peer) {
    List<Line> changed =
        lines.stream().filter(l -> !l.content().names().equals(Optional.of(peer))).toList();
    return changed.size() == lines.size() ? this : new AuthorizedKeys(changed);
  }

  /// The name itself if no peer other than `self` has it, else with the first of `-2`, `-3`, … that
  /// is free. Cut at its end if it would become too long.
  public String freeName(String wanted, PeerId self) {
    AuthorizedPeer.checkName(wanted);
    String candidate = wanted;
    for (int number = 2; isTaken(candidate, self); number++) {
      String suffix = "-" + number;
      String base = wanted;
      while (base.getBytes(StandardCharsets.UTF_8).length + suffix.length()
          > Limits.NAME_BYTES_MAX) {
        base = base.substring(0, base.offsetByCodePoints(base.length(), -1));
      }
      candidate = base + suffix;
    }
    return candidate;
  }

  private boolean isTaken(String name, PeerId self) {
    return peers.values().stream().anyMatch(p -> !p.peer().equals(self) && p.name().equals(name));
  }

  /// Disables lines for peers that an earlier line names, and lines beyond the limit.
  private static List<Line> withoutDoubles(List<Line> lines) {
    Map<PeerId, Integer> first = new LinkedHashMap<>();
    List<Line> out = new ArrayList<>();
    for (int i = 0; i < lines.size(); i++) {
      Line line = lines.get(i);
      Optional<AuthorizedPeer> peer = line.content().peer();
      if (peer.isEmpty()) {
        out.add(line);
        continue;
      }
      Integer earlier = first.putIfAbsent(peer.get().peer(), i + 1);
      if (earlier != null) {
        out.add(new Line(line.content().disabled("same peer as line " + earlier), line.end()));
      } else if (first.size() > Limits.PEERS_MAX) {
        out.add(
            new Line(
                line.content().disabled("more than %d peers".formatted(Limits.PEERS_MAX)),
                line.end()));
      } else {
        out.add(line);
      }
    }
    return List.copyOf(out);
  }

  private static boolean isOf(KeyLine line, PeerId peer) {
    return line.peer().map(p -> p.peer().equals(peer)).orElse(false);
  }

  private static String shown(KeyLine line) {
    String text = Printable.of(line.text());
    return text.length() <= 80 ? text : text.substring(0, 79) + "…";
  }

  /// Equal when the files are.
  @Override
  public boolean equals(Object other) {
    return other instanceof AuthorizedKeys that && Arrays.equals(render(), that.render());
  }

  @Override
  public int hashCode() {
    return Objects.hash(peers.keySet());
  }

  @Override
  public String toString() {
    return "AuthorizedKeys[peers=%d, disabled=%d]".formatted(peers.size(), disabled.size());
  }
}
