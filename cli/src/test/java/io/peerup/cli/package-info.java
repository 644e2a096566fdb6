@NullMarked
package io.peerup.cli;

import org.jspecify.annotations.NullMarked;
