/// `config.yaml` as records with defaults, and the loader that reports every problem at once with
/// file and line. Plain values only: what a multiaddr means is judged by the node and the relay,
/// which report through the same [Problems]. Runs on the caller's thread.
@NullMarked
package io.peerup.control.config;

import org.jspecify.annotations.NullMarked;
