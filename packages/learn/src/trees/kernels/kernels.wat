;; The inner loops of growing trees. They run over one memory that threads share; every address and size is in bytes
;; unless it says otherwise. `npm run kernels` compiles this file into kernels-wasm.ts.
;;
;; An entry of a histogram is 16 bytes: sums of gradients, hessians and rows as int32, and 4 bytes unused. Sums are of
;; integers, so they are the same in any order and never lose a digit.
;; A column of bins has 1 or 2 bytes for each row: `shift` is 0 or 1, `mask` 0xff or 0xffff. Both are read as 2 bytes
;; and masked, so a column is followed by at least one byte more.
(module
  (memory (import "env" "memory") 1 65536 shared)

  ;; Adds rows to the histograms of `features` neighbouring one-byte features.
  ;; table: the bins row by row, `stride` apart; rows: u32 numbers of `count` rows (count > 0, features > 0);
  ;; gradients: (gradient, hessian) as int32 for each row of the table; histogram: 256 entries for each feature.
  ;; The rows of a node lie apart in memory, and a processor waits for each in turn unless it is asked for several at
  ;; once: 32 rows are touched before they are added. Returns a number that means nothing, so that this is not
  ;; optimised away.
  (func (export "addRows")
    (param $table i32) (param $stride i32) (param $features i32)
    (param $rows i32) (param $count i32) (param $gradients i32) (param $histogram i32) (result i32)
    (local $row i32) (local $cell i32) (local $rowEnd i32) (local $entry i32) (local $base i32)
    (local $end i32) (local $blockEnd i32) (local $ahead i32) (local $touched i32)
    (local $fours i32) (local $foursEnd i32) (local $bins i32)
    (local $sums v128) (local $one v128)
    ;; How many features are added four at a time.
    (local.set $fours (i32.and (local.get $features) (i32.const -4)))
    (local.set $one (v128.const i32x4 0 0 1 0))
    (local.set $end (i32.add (local.get $rows) (i32.shl (local.get $count) (i32.const 2))))
    (loop $nextBlock
      (local.set $blockEnd (i32.add (local.get $rows) (i32.const 128)))
      (if (i32.gt_u (local.get $blockEnd) (local.get $end)) (then (local.set $blockEnd (local.get $end))))
      (local.set $ahead (local.get $rows))
      (loop $touch
        (local.set $row (i32.load (local.get $ahead)))
        (local.set $cell (i32.add (local.get $table) (i32.mul (local.get $row) (local.get $stride))))
        (local.set $rowEnd (i32.add (local.get $cell) (i32.sub (local.get $features) (i32.const 1))))
        (local.set $touched
          (i32.add
            (i32.add (local.get $touched) (i32.load (i32.add (local.get $gradients) (i32.shl (local.get $row) (i32.const 3)))))
            (i32.add (i32.load8_u (local.get $cell)) (i32.load8_u (local.get $rowEnd)))))
        (br_if $touch
          (i32.lt_u (local.tee $ahead (i32.add (local.get $ahead) (i32.const 4))) (local.get $blockEnd))))
      (loop $nextRow
        (local.set $row (i32.load (local.get $rows)))
        (local.set $cell (i32.add (local.get $table) (i32.mul (local.get $row) (local.get $stride))))
        (local.set $rowEnd (i32.add (local.get $cell) (local.get $features)))
        (local.set $sums
          (v128.or
            (local.get $one)
            (v128.load64_zero (i32.add (local.get $gradients) (i32.shl (local.get $row) (i32.const 3))))))
        (local.set $base (local.get $histogram))
        (local.set $foursEnd (i32.add (local.get $cell) (local.get $fours)))
        (if (local.get $fours)
          (then
          (loop $nextFour
            (local.set $bins (i32.load (local.get $cell)))
            (local.set $entry (i32.add (local.get $base) (i32.and (i32.shl (local.get $bins) (i32.const 4)) (i32.const 0xff0))))
            (v128.store (local.get $entry) (i32x4.add (v128.load (local.get $entry)) (local.get $sums)))
            (local.set $entry (i32.add (local.get $base) (i32.and (i32.shr_u (local.get $bins) (i32.const 4)) (i32.const 0xff0))))
            (v128.store offset=4096 (local.get $entry) (i32x4.add (v128.load offset=4096 (local.get $entry)) (local.get $sums)))
            (local.set $entry (i32.add (local.get $base) (i32.and (i32.shr_u (local.get $bins) (i32.const 12)) (i32.const 0xff0))))
            (v128.store offset=8192 (local.get $entry) (i32x4.add (v128.load offset=8192 (local.get $entry)) (local.get $sums)))
            (local.set $entry (i32.add (local.get $base) (i32.and (i32.shr_u (local.get $bins) (i32.const 20)) (i32.const 0xff0))))
            (v128.store offset=12288 (local.get $entry) (i32x4.add (v128.load offset=12288 (local.get $entry)) (local.get $sums)))
            (local.set $base (i32.add (local.get $base) (i32.const 16384)))
            (br_if $nextFour
              (i32.lt_u (local.tee $cell (i32.add (local.get $cell) (i32.const 4))) (local.get $foursEnd))))))
        (if (i32.lt_u (local.get $cell) (local.get $rowEnd))
          (then
          (loop $nextCell
            (local.set $entry
              (i32.add (local.get $base) (i32.shl (i32.load8_u (local.get $cell)) (i32.const 4))))
            (v128.store (local.get $entry) (i32x4.add (v128.load (local.get $entry)) (local.get $sums)))
            (local.set $base (i32.add (local.get $base) (i32.const 4096)))
            (br_if $nextCell
              (i32.lt_u (local.tee $cell (i32.add (local.get $cell) (i32.const 1))) (local.get $rowEnd))))))
        (br_if $nextRow
          (i32.lt_u (local.tee $rows (i32.add (local.get $rows) (i32.const 4))) (local.get $blockEnd))))
      (br_if $nextBlock (i32.lt_u (local.get $rows) (local.get $end))))
    (local.get $touched))

  ;; Adds rows to the histogram of one column. Arguments as above; count > 0.
  (func (export "addColumn")
    (param $column i32) (param $shift i32) (param $mask i32)
    (param $rows i32) (param $count i32) (param $gradients i32) (param $histogram i32)
    (local $row i32) (local $end i32) (local $entry i32) (local $one v128)
    (local.set $one (v128.const i32x4 0 0 1 0))
    (local.set $end (i32.add (local.get $rows) (i32.shl (local.get $count) (i32.const 2))))
    (loop $nextRow
      (local.set $row (i32.load (local.get $rows)))
      (local.set $entry
        (i32.add
          (local.get $histogram)
          (i32.shl
            (i32.and
              (i32.load16_u (i32.add (local.get $column) (i32.shl (local.get $row) (local.get $shift))))
              (local.get $mask))
            (i32.const 4))))
      (v128.store
        (local.get $entry)
        (i32x4.add
          (v128.load (local.get $entry))
          (v128.or
            (local.get $one)
            (v128.load64_zero (i32.add (local.get $gradients) (i32.shl (local.get $row) (i32.const 3)))))))
      (br_if $nextRow
        (i32.lt_u (local.tee $rows (i32.add (local.get $rows) (i32.const 4))) (local.get $end)))))

  ;; Adds rows to the histogram of one column that sums the weight of each class. An entry has `entrySize` bytes: the
  ;; rows, then the weight of each class, as int32. labels: (class, weight) as int32 for each row of the table.
  (func (export "addClasses")
    (param $column i32) (param $shift i32) (param $mask i32)
    (param $rows i32) (param $count i32) (param $labels i32) (param $histogram i32) (param $entrySize i32)
    (local $row i32) (local $end i32) (local $entry i32)
    (local.set $end (i32.add (local.get $rows) (i32.shl (local.get $count) (i32.const 2))))
    (loop $nextRow
      (local.set $row (i32.load (local.get $rows)))
      (local.set $entry
        (i32.add
          (local.get $histogram)
          (i32.mul
            (i32.and
              (i32.load16_u (i32.add (local.get $column) (i32.shl (local.get $row) (local.get $shift))))
              (local.get $mask))
            (local.get $entrySize))))
      (i32.store (local.get $entry) (i32.add (i32.load (local.get $entry)) (i32.const 1)))
      ;; $row is from here on the address of the row's label.
      (local.set $row (i32.add (local.get $labels) (i32.shl (local.get $row) (i32.const 3))))
      (local.set $entry
        (i32.add (local.get $entry) (i32.shl (i32.load (local.get $row)) (i32.const 2))))
      (i32.store offset=4
        (local.get $entry)
        (i32.add (i32.load offset=4 (local.get $entry)) (i32.load offset=4 (local.get $row))))
      (br_if $nextRow
        (i32.lt_u (local.tee $rows (i32.add (local.get $rows) (i32.const 4))) (local.get $end)))))

  ;; Copies bytes.
  (func (export "copy") (param $to i32) (param $from i32) (param $size i32)
    (memory.copy (local.get $to) (local.get $from) (local.get $size)))

  ;; values[row] += value for float64, for the `count` rows whose u32 numbers are in `rows`; count > 0.
  (func (export "addAt") (param $values i32) (param $rows i32) (param $count i32) (param $value f64)
    (local $end i32) (local $at i32)
    (local.set $end (i32.add (local.get $rows) (i32.shl (local.get $count) (i32.const 2))))
    (loop $next
      (local.set $at (i32.add (local.get $values) (i32.shl (i32.load (local.get $rows)) (i32.const 3))))
      (f64.store (local.get $at) (f64.add (f64.load (local.get $at)) (local.get $value)))
      (br_if $next
        (i32.lt_u (local.tee $rows (i32.add (local.get $rows) (i32.const 4))) (local.get $end)))))

  ;; Moves bytes, 16 at a time, and leaves zeros; size > 0.
  (func (export "move") (param $to i32) (param $from i32) (param $size i32)
    (local $end i32)
    (local.set $end (i32.add (local.get $to) (local.get $size)))
    (loop $next
      (v128.store (local.get $to) (v128.load (local.get $from)))
      (v128.store (local.get $from) (v128.const i32x4 0 0 0 0))
      (local.set $from (i32.add (local.get $from) (i32.const 16)))
      (br_if $next (i32.lt_u (local.tee $to (i32.add (local.get $to) (i32.const 16))) (local.get $end)))))

  ;; to[i] += from[i] for int32, 16 bytes at a time; size > 0.
  (func (export "add") (param $to i32) (param $from i32) (param $size i32)
    (local $end i32)
    (local.set $end (i32.add (local.get $to) (local.get $size)))
    (loop $next
      (v128.store
        (local.get $to)
        (i32x4.add (v128.load (local.get $to)) (v128.load (local.get $from))))
      (local.set $from (i32.add (local.get $from) (i32.const 16)))
      (br_if $next (i32.lt_u (local.tee $to (i32.add (local.get $to) (i32.const 16))) (local.get $end)))))

  ;; to[i] -= from[i] for int32, 16 bytes at a time; size > 0.
  (func (export "subtract") (param $to i32) (param $from i32) (param $size i32)
    (local $end i32)
    (local.set $end (i32.add (local.get $to) (local.get $size)))
    (loop $next
      (v128.store
        (local.get $to)
        (i32x4.sub (v128.load (local.get $to)) (v128.load (local.get $from))))
      (local.set $from (i32.add (local.get $from) (i32.const 16)))
      (br_if $next (i32.lt_u (local.tee $to (i32.add (local.get $to) (i32.const 16))) (local.get $end)))))

  ;; Looks for the best cut of a column of numbers with the histogram `entries` of `bins` entries, the first that of
  ;; missing values, which go left if `missing` is 1 and right if it is 0. The sums of all its rows are `gradient`,
  ;; `hessian` and `rows`; each side must have `minHessian` and `minRows` (> 0). A cut's score is the sum over both sides
  ;; of gradient² / (hessian + l2). Returns the last bin that goes left in the first cut with the greatest score above
  ;; `least`, which is written to `score` (f64); 0 if there is none.
  (func (export "scan")
    (param $entries i32) (param $bins i32) (param $missing i32)
    (param $gradient i32) (param $hessian i32) (param $rows i32)
    (param $minHessian i32) (param $minRows i32) (param $l2 f64) (param $least f64) (param $score i32) (result i32)
    (local $entry i32) (local $end i32) (local $inLeft i32) (local $best i32)
    (local $all v128) (local $left v128) (local $right v128) (local $in v128) (local $both v128) (local $l2s v128)
    (local $quotients v128) (local $sum f64)
    (local.set $all
      (i32x4.replace_lane 2
        (i32x4.replace_lane 1 (i32x4.splat (local.get $gradient)) (local.get $hessian))
        (local.get $rows)))
    (local.set $l2s (f64x2.splat (local.get $l2)))
    (if (local.get $missing) (then (local.set $left (v128.load (local.get $entries)))))
    (local.set $entry (local.get $entries))
    (local.set $end (i32.add (local.get $entries) (i32.shl (i32.sub (local.get $bins) (i32.const 1)) (i32.const 4))))
    (block $done
      (loop $next
        (br_if $done (i32.ge_u (local.get $entry) (local.get $end)))
        (local.set $in (v128.load (local.tee $entry (i32.add (local.get $entry) (i32.const 16)))))
        (br_if $next (i32.eqz (i32x4.extract_lane 2 (local.get $in))))
        (local.set $left (i32x4.add (local.get $left) (local.get $in)))
        (local.set $right (i32x4.sub (local.get $all) (local.get $left)))
        (br_if $done (i32.lt_s (i32x4.extract_lane 2 (local.get $right)) (local.get $minRows)))
        (local.set $inLeft (i32x4.extract_lane 2 (local.get $left)))
        (br_if $next (i32.lt_s (local.get $inLeft) (local.get $minRows)))
        (br_if $next (i32.lt_s (i32x4.extract_lane 1 (local.get $left)) (local.get $minHessian)))
        (br_if $next (i32.lt_s (i32x4.extract_lane 1 (local.get $right)) (local.get $minHessian)))
        ;; Gradients of left and right, then hessians of left and right.
        (local.set $both
          (i8x16.shuffle 0 1 2 3 16 17 18 19 4 5 6 7 20 21 22 23 (local.get $left) (local.get $right)))
        (local.set $quotients (f64x2.convert_low_i32x4_s (local.get $both)))
        (local.set $quotients
          (f64x2.div
            (f64x2.mul (local.get $quotients) (local.get $quotients))
            (f64x2.add
              (f64x2.convert_low_i32x4_s
                (i8x16.shuffle 8 9 10 11 12 13 14 15 8 9 10 11 12 13 14 15 (local.get $both) (local.get $both)))
              (local.get $l2s))))
        (local.set $sum
          (f64.add
            (f64x2.extract_lane 0 (local.get $quotients))
            (f64x2.extract_lane 1 (local.get $quotients))))
        (br_if $next (i32.eqz (f64.gt (local.get $sum) (local.get $least))))
        (local.set $least (local.get $sum))
        (local.set $best (local.get $entry))
        (br $next)))
    (if (i32.eqz (local.get $best)) (then (return (i32.const 0))))
    (f64.store (local.get $score) (local.get $least))
    (i32.shr_u (i32.sub (local.get $best) (local.get $entries)) (i32.const 4)))

  ;; Gradients and hessians of the logistic loss, as pairs of float32, two rows at a time: p - target and p (1 - p), but
  ;; no less than `leastHessian`, with p = 1 / (1 + e^-score). Scores are float64, targets bytes. count > 0; if it is odd, one more row is read and written.
  ;; e^x is 2^n e^rest with |rest| <= log(2) / 2, and e^rest its Taylor series up to the 9th power: right to 1e-11.
  (func (export "logistic")
    (param $scores i32) (param $targets i32) (param $count i32) (param $pairs i32) (param $leastHessian f64)
    (local $end i32) (local $x v128) (local $n v128) (local $rest v128) (local $power v128) (local $p v128)
    (local $one v128) (local $least v128)
    (local.set $one (v128.const f64x2 1 1))
    (local.set $least (f64x2.splat (local.get $leastHessian)))
    (local.set $end (i32.add (local.get $scores) (i32.shl (local.get $count) (i32.const 3))))
    (loop $next
      (local.set $x
        (f64x2.max
          (v128.const f64x2 -700 -700)
          (f64x2.min (v128.const f64x2 700 700) (f64x2.neg (v128.load (local.get $scores))))))
      (local.set $n
        (f64x2.nearest (f64x2.mul (local.get $x) (v128.const f64x2 1.4426950408889634 1.4426950408889634))))
      ;; log(2) in two parts, of which the first has few enough digits that n times it is exact.
      (local.set $rest
        (f64x2.sub
          (f64x2.sub
            (local.get $x)
            (f64x2.mul (local.get $n) (v128.const f64x2 0.6931471803691238 0.6931471803691238)))
          (f64x2.mul (local.get $n) (v128.const f64x2 1.9082149292705877e-10 1.9082149292705877e-10))))
      (local.set $power (v128.const f64x2 2.7557319223985893e-06 2.7557319223985893e-06))
      (local.set $power (f64x2.add (f64x2.mul (local.get $power) (local.get $rest)) (v128.const f64x2 2.48015873015873e-05 2.48015873015873e-05)))
      (local.set $power (f64x2.add (f64x2.mul (local.get $power) (local.get $rest)) (v128.const f64x2 0.0001984126984126984 0.0001984126984126984)))
      (local.set $power (f64x2.add (f64x2.mul (local.get $power) (local.get $rest)) (v128.const f64x2 0.001388888888888889 0.001388888888888889)))
      (local.set $power (f64x2.add (f64x2.mul (local.get $power) (local.get $rest)) (v128.const f64x2 0.008333333333333333 0.008333333333333333)))
      (local.set $power (f64x2.add (f64x2.mul (local.get $power) (local.get $rest)) (v128.const f64x2 0.041666666666666664 0.041666666666666664)))
      (local.set $power (f64x2.add (f64x2.mul (local.get $power) (local.get $rest)) (v128.const f64x2 0.16666666666666666 0.16666666666666666)))
      (local.set $power (f64x2.add (f64x2.mul (local.get $power) (local.get $rest)) (v128.const f64x2 0.5 0.5)))
      (local.set $power (f64x2.add (f64x2.mul (local.get $power) (local.get $rest)) (v128.const f64x2 1.0 1.0)))
      (local.set $power (f64x2.add (f64x2.mul (local.get $power) (local.get $rest)) (v128.const f64x2 1.0 1.0)))
      ;; 2^n from its exponent bits.
      (local.set $power
        (f64x2.mul
          (local.get $power)
          (i64x2.shl
            (i64x2.add
              (i64x2.extend_low_i32x4_s (i32x4.trunc_sat_f64x2_s_zero (local.get $n)))
              (v128.const i64x2 1023 1023))
            (i32.const 52))))
      (local.set $p (f64x2.div (local.get $one) (f64x2.add (local.get $one) (local.get $power))))
      (v128.store
        (local.get $pairs)
        (i8x16.shuffle 0 1 2 3 16 17 18 19 4 5 6 7 20 21 22 23
          (f32x4.demote_f64x2_zero (f64x2.sub
            (local.get $p)
            (f64x2.convert_low_i32x4_u
              (i32x4.extend_low_i16x8_u (i16x8.extend_low_i8x16_u (v128.load16_splat (local.get $targets)))))))
          (f32x4.demote_f64x2_zero
            (f64x2.max
              (local.get $least)
              (f64x2.mul (local.get $p) (f64x2.sub (local.get $one) (local.get $p)))))))
      (local.set $pairs (i32.add (local.get $pairs) (i32.const 16)))
      (local.set $targets (i32.add (local.get $targets) (i32.const 2)))
      (br_if $next
        (i32.lt_u (local.tee $scores (i32.add (local.get $scores) (i32.const 16))) (local.get $end)))))

  ;; Makes whole numbers, as int32, of pairs of float32, in their place: the first times `firstScale`, the second times
  ;; `secondScale`, halves away from 0. count > 0.
  (func (export "quantise")
    (param $pairs i32) (param $count i32) (param $firstScale f64) (param $secondScale f64)
    (local $end i32) (local $pair v128) (local $scales v128)
    (local.set $scales (f64x2.replace_lane 1 (f64x2.splat (local.get $firstScale)) (local.get $secondScale)))
    (local.set $end (i32.add (local.get $pairs) (i32.shl (local.get $count) (i32.const 3))))
    (loop $next
      (local.set $pair
        (f64x2.mul (f64x2.promote_low_f32x4 (v128.load64_zero (local.get $pairs))) (local.get $scales)))
      (v128.store64_lane 0
        (local.get $pairs)
        (i32x4.trunc_sat_f64x2_s_zero
          (f64x2.add
            (local.get $pair)
            ;; A half with the number's sign.
            (v128.or
              (v128.and (local.get $pair) (v128.const f64x2 -0 -0))
              (v128.const f64x2 0.5 0.5)))))
      (br_if $next
        (i32.lt_u (local.tee $pairs (i32.add (local.get $pairs) (i32.const 8))) (local.get $end)))))

  ;; Splits rows, in their order, into those whose bin has 1 in `sides` (a byte for each bin), written to `left`, and the
  ;; others, written to `right`. Returns how many went left. Each row is written to both places, and only one of them
  ;; moves on: no branch to mispredict. Both have room for `count` rows.
  (func (export "partition")
    (param $column i32) (param $shift i32) (param $mask i32) (param $sides i32)
    (param $rows i32) (param $count i32) (param $left i32) (param $right i32) (result i32)
    (local $row i32) (local $end i32) (local $toLeft i32) (local $begin i32)
    (local.set $begin (local.get $left))
    (local.set $end (i32.add (local.get $rows) (i32.shl (local.get $count) (i32.const 2))))
    (loop $nextRow
      (local.set $row (i32.load (local.get $rows)))
      (local.set $toLeft
        (i32.shl
          (i32.load8_u
            (i32.add
              (local.get $sides)
              (i32.and
                (i32.load16_u (i32.add (local.get $column) (i32.shl (local.get $row) (local.get $shift))))
                (local.get $mask))))
          (i32.const 2)))
      (i32.store (local.get $left) (local.get $row))
      (i32.store (local.get $right) (local.get $row))
      (local.set $left (i32.add (local.get $left) (local.get $toLeft)))
      (local.set $right (i32.add (local.get $right) (i32.sub (i32.const 4) (local.get $toLeft))))
      (br_if $nextRow
        (i32.lt_u (local.tee $rows (i32.add (local.get $rows) (i32.const 4))) (local.get $end))))
    (i32.shr_u (i32.sub (local.get $left) (local.get $begin)) (i32.const 2)))

  ;; Writes the bins of float32 values: 0 for NaN, else 1 + how many edges are below the value. edges: ascending,
  ;; 2^steps - 1 of them (steps > 0), filled up with infinity. bins: 1 or 2 bytes for each value.
  (func (export "bin")
    (param $values i32) (param $count i32) (param $edges i32) (param $steps i32) (param $bins i32) (param $shift i32)
    (local $value f32) (local $end i32) (local $below i32) (local $half i32) (local $first i32)
    (local.set $end (i32.add (local.get $values) (i32.shl (local.get $count) (i32.const 2))))
    (local.set $first (i32.shl (i32.const 4) (local.get $steps)))
    (loop $next
      (local.set $value (f32.load (local.get $values)))
      ;; $below is 4 × the number of edges known to be below.
      (local.set $below (i32.const 0))
      (local.set $half (local.get $first))
      (loop $halve
        (local.set $half (i32.shr_u (local.get $half) (i32.const 1)))
        (local.set $below
          (select
            (i32.add (local.get $below) (local.get $half))
            (local.get $below)
            (f32.lt
              (f32.load (i32.sub (i32.add (local.get $edges) (i32.add (local.get $below) (local.get $half))) (i32.const 4)))
              (local.get $value))))
        (br_if $halve (i32.gt_u (local.get $half) (i32.const 4))))
      (local.set $below
        (select
          (i32.add (i32.shr_u (local.get $below) (i32.const 2)) (i32.const 1))
          (i32.const 0)
          (f32.eq (local.get $value) (local.get $value))))
      (if (local.get $shift)
        (then (i32.store16 (local.get $bins) (local.get $below)))
        (else (i32.store8 (local.get $bins) (local.get $below))))
      (local.set $bins (i32.add (local.get $bins) (i32.shl (i32.const 1) (local.get $shift))))
      (br_if $next
        (i32.lt_u (local.tee $values (i32.add (local.get $values) (i32.const 4))) (local.get $end)))))

  ;; Copies `count` bytes, one after the other, to places `stride` apart.
  (func (export "spread") (param $from i32) (param $count i32) (param $to i32) (param $stride i32)
    (local $end i32)
    (local.set $end (i32.add (local.get $from) (local.get $count)))
    (loop $next
      (i32.store8 (local.get $to) (i32.load8_u (local.get $from)))
      (local.set $to (i32.add (local.get $to) (local.get $stride)))
      (br_if $next
        (i32.lt_u (local.tee $from (i32.add (local.get $from) (i32.const 1))) (local.get $end)))))
)
