package io.peerup.control.config;

import java.io.StringReader;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.error.MarkedYAMLException;
import org.yaml.snakeyaml.error.YAMLException;
import org.yaml.snakeyaml.nodes.MappingNode;
import org.yaml.snakeyaml.nodes.Node;
import org.yaml.snakeyaml.nodes.NodeTuple;
import org.yaml.snakeyaml.nodes.SequenceNode;
import org.yaml.snakeyaml.nodes.Tag;

/// Text to YAML nodes, the plain part of YAML only: no aliases (with which a small file can
/// describe a huge document), no tags (which name types to create), one document.
final class YamlNodes {
  private static final Set<Tag> PLAIN =
      Set.of(
          Tag.STR,
          Tag.INT,
          Tag.FLOAT,
          Tag.BOOL,
          Tag.NULL,
          Tag.TIMESTAMP,
          Tag.MERGE,
          Tag.MAP,
          Tag.SEQ);

  private YamlNodes() {}

  /// The document's root, or null when it is empty or, with a problem noted, unreadable.
  static @Nullable Node compose(String yaml, Problems problems) {
    // Most homes have no file; a parser that nobody needs is a megabyte of classes.
    if (yaml.isBlank() || notesUnprintable(yaml, problems)) {
      return null;
    }
    LoaderOptions options = new LoaderOptions();
    options.setCodePointLimit(Limits.FILE_BYTES);
    options.setNestingDepthLimit(Limits.NESTING_DEPTH);
    try {
      Node root = new Yaml(options).compose(new StringReader(yaml));
      Set<Node> seen = Collections.newSetFromMap(new IdentityHashMap<>());
      return root == null || notesUnsupported(root, seen, problems) ? null : root;
    } catch (MarkedYAMLException e) {
      int line = e.getProblemMark() == null ? 0 : e.getProblemMark().getLine() + 1;
      problems.add(line, "", "not YAML: " + e.getProblem() + begin(e));
    } catch (YAMLException | IllegalArgumentException e) {
      // Some tags, `!%a` for one, reach a check of the library that was meant for programmers.
      problems.add(0, "", "not YAML: " + e.getMessage());
    }
    return null;
  }

  /// Where the thing began that was not ended, because that is often the line to mend.
  private static String begin(MarkedYAMLException e) {
    return e.getContext() == null || e.getContextMark() == null
        ? ""
        : " ("
            + e.getContext()
            + " that begins in line "
            + (e.getContextMark().getLine() + 1)
            + ")";
  }

  /// Control and text-direction characters make a file say something else than it shows.
  private static boolean notesUnprintable(String yaml, Problems problems) {
    int line = 1;
    boolean found = false;
    for (int i = 0; i < yaml.length(); i += Character.charCount(yaml.codePointAt(i))) {
      int c = yaml.codePointAt(i);
      if (c == '\n') {
        line++;
      } else if (c != '\r' && c != '\t' && !(c == 0xFEFF && i == 0) && isHidden(c)) {
        problems.add(line, "", String.format("the invisible character U+%04X is not allowed", c));
        found = true;
      }
    }
    return found;
  }

  private static boolean isHidden(int c) {
    return switch (Character.getType(c)) {
      case Character.CONTROL,
          Character.FORMAT,
          Character.LINE_SEPARATOR,
          Character.PARAGRAPH_SEPARATOR ->
          true;
      default -> false;
    };
  }

  private static boolean notesUnsupported(Node node, Set<Node> seen, Problems problems) {
    int line = Settings.line(node);
    if (!seen.add(node)) {
      problems.add(line, "", "anchors and aliases (&, *) are not supported; write the value again");
      return true;
    }
    boolean found = false;
    if (!PLAIN.contains(node.getTag())) {
      problems.add(line, "", "the tag " + node.getTag().getValue() + " is not supported");
      found = true;
    }
    if (node instanceof MappingNode mapping) {
      for (NodeTuple tuple : mapping.getValue()) {
        found |= notesUnsupported(tuple.getKeyNode(), seen, problems);
        found |= notesUnsupported(tuple.getValueNode(), seen, problems);
      }
    } else if (node instanceof SequenceNode sequence) {
      for (Node entry : sequence.getValue()) {
        found |= notesUnsupported(entry, seen, problems);
      }
    }
    return found;
  }
}
