package io.peerup.nat;

import java.util.List;

/// A grade with everything needed to trust or doubt it.
///
/// @param grade the letter
/// @param label one phrase, more exact than the letter's own where the evidence allows
/// @param confidence what the evidence is worth
/// @param evidence plain sentences, most telling first, at most [#EVIDENCE_MAX]
public record Reachability(
    Grade grade, String label, Confidence confidence, List<String> evidence) {

  /// Enough for every interface of a laptop and a few relays; a person reads no more.
  public static final int EVIDENCE_MAX = 16;

  public Reachability {
    evidence = List.copyOf(evidence.subList(0, Math.min(evidence.size(), EVIDENCE_MAX)));
  }
}
