/// Requests and replies between a command and a running node or relay, over a local socket; the
/// files of a home.
@NullMarked
package io.peerup.control;

import org.jspecify.annotations.NullMarked;
