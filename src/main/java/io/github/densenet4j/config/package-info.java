/**
 * What can be chosen: networks, by name or by numbers, and how they are computed. Records and enums that own nothing and
 * are checked where they are made. Depends on {@code error} only.
 */
package io.github.densenet4j.config;
