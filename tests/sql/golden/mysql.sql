-- arithmetic: // floors, and by zero is NULL
SELECT numbers.id, ((numbers.a - (numbers.a % nullif(numbers.b, 0) + numbers.b) % nullif(numbers.b, 0)) DIV nullif(numbers.b, 0)) AS value
FROM numbers ORDER BY numbers.id IS NULL, numbers.id;

-- arithmetic: % has the sign of the divisor, and by zero is NULL
SELECT numbers.id, (numbers.a % nullif(numbers.b, 0) + numbers.b) % nullif(numbers.b, 0) AS value
FROM numbers ORDER BY numbers.id IS NULL, numbers.id;

-- arithmetic: / never cuts, and by zero is NULL
SELECT numbers.id, CAST(numbers.a AS DOUBLE) / nullif(numbers.b, 0) AS value
FROM numbers ORDER BY numbers.id IS NULL, numbers.id;

-- arithmetic: / of a quotient
SELECT numbers.id, CAST(numbers.a AS DOUBLE) / nullif(CAST(numbers.b AS DOUBLE) / 2, 0) AS value
FROM numbers ORDER BY numbers.id IS NULL, numbers.id;

-- arithmetic: % of floats has the sign of the divisor
SELECT numbers.id, (numbers.x - 1 * floor(numbers.x / 1)) AS value
FROM numbers ORDER BY numbers.id IS NULL, numbers.id;

-- arithmetic: // of floats floors
SELECT numbers.id, floor(numbers.x / 1) AS value
FROM numbers ORDER BY numbers.id IS NULL, numbers.id;

-- arithmetic: - of a difference
SELECT numbers.id, numbers.a - (numbers.b - 1) AS value
FROM numbers ORDER BY numbers.id IS NULL, numbers.id;

-- comparisons: = None is IS NULL
SELECT numbers.id, numbers.a IS NULL AS value
FROM numbers ORDER BY numbers.id IS NULL, numbers.id;

-- comparisons: not between
SELECT numbers.id, numbers.a NOT BETWEEN 6 AND 7 AS value
FROM numbers ORDER BY numbers.id IS NULL, numbers.id;

-- comparisons: not in a list
SELECT numbers.id, (numbers.a NOT IN (5, -7)) AS value
FROM numbers ORDER BY numbers.id IS NULL, numbers.id;

-- comparisons: a whole number and a decimal
SELECT numbers.id, numbers.b >= numbers.d AS value
FROM numbers ORDER BY numbers.id IS NULL, numbers.id;

-- logic: not of and
SELECT flags.id, NOT (flags.f = 1 AND flags.g = 1) AS value
FROM flags ORDER BY flags.id IS NULL, flags.id;

-- logic: or before and needs its brackets
SELECT flags.id, (flags.f = 1 OR flags.g = 1) AND flags.g = 0 AS value
FROM flags ORDER BY flags.id IS NULL, flags.id;

-- logic: a flag equal to True
SELECT flags.id, flags.f = true AS value
FROM flags ORDER BY flags.id IS NULL, flags.id;

-- logic: a filter of a negation leaves NULL out
SELECT flags.id
FROM flags
WHERE flags.f = 0;

-- texts: = tells a blank at the end
SELECT texts.id, (CONVERT(texts.s USING utf8mb4) COLLATE utf8mb4_nopad_bin) = 'a' AS value
FROM texts ORDER BY texts.id IS NULL, texts.id;

-- texts: < by code point
SELECT texts.id, (CONVERT(texts.s USING utf8mb4) COLLATE utf8mb4_nopad_bin) < 'a' AS value
FROM texts ORDER BY texts.id IS NULL, texts.id;

-- texts: like with an escape
SELECT texts.id, (CONVERT(texts.u USING utf8mb4) COLLATE utf8mb4_nopad_bin) LIKE 'a/_b/%_' ESCAPE '/' AS value
FROM texts ORDER BY texts.id IS NULL, texts.id;

-- texts: like tells capitals
SELECT texts.id, (CONVERT(texts.s USING utf8mb4) COLLATE utf8mb4_nopad_bin) LIKE 'b' ESCAPE 0x01 AS value
FROM texts ORDER BY texts.id IS NULL, texts.id;

-- texts: ilike does not tell capitals
SELECT texts.id, lower((CONVERT(texts.s USING utf8mb4) COLLATE utf8mb4_nopad_bin)) LIKE lower('B') ESCAPE 0x01 AS value
FROM texts ORDER BY texts.id IS NULL, texts.id;

-- texts: contains takes % as it is
SELECT texts.id, (CONVERT(texts.u USING utf8mb4) COLLATE utf8mb4_nopad_bin) LIKE concat('%', '/%', '%') ESCAPE '/' AS value
FROM texts ORDER BY texts.id IS NULL, texts.id;

-- texts: + of columns, NULL swallows
SELECT texts.id, concat((CONVERT(texts.u USING utf8mb4) COLLATE utf8mb4_nopad_bin), (CONVERT(texts.s USING utf8mb4) COLLATE utf8mb4_nopad_bin)) AS value
FROM texts ORDER BY texts.id IS NULL, texts.id;

-- texts: a value with a backslash
SELECT texts.id, 'a\\''b\\n' AS value
FROM texts ORDER BY texts.id IS NULL, texts.id;

-- texts: order by code point
SELECT CONVERT(texts.s USING utf8mb4) COLLATE utf8mb4_nopad_bin AS s, texts.id AS n
FROM texts ORDER BY CONVERT(texts.s USING utf8mb4) COLLATE utf8mb4_nopad_bin IS NULL, CONVERT(texts.s USING utf8mb4) COLLATE utf8mb4_nopad_bin;

-- texts: groups tell capitals and blanks
SELECT CONVERT(texts.s USING utf8mb4) COLLATE utf8mb4_nopad_bin AS s, count(*) AS n
FROM texts GROUP BY CONVERT(texts.s USING utf8mb4) COLLATE utf8mb4_nopad_bin;

-- moments: a date in texts and dates
SELECT days.id, days.day IN (DATE'2022-12-30', DATE'2024-02-29') AS value
FROM days ORDER BY days.id IS NULL, days.id;

-- moments: a moment > a date
SELECT days.id, days.moment > TIMESTAMP'2022-12-30 00:00:00' AS value
FROM days ORDER BY days.id IS NULL, days.id;

-- moments: a date = a moment at midnight
SELECT days.id, days.day = days.moment AS value
FROM days ORDER BY days.id IS NULL, days.id;

-- moments: a moment with microseconds
SELECT days.id, TIMESTAMP'2022-01-02 03:04:05.678901' AS value
FROM days ORDER BY days.id IS NULL, days.id;

-- moments: date_trunc to the month
SELECT days.id, CAST(date_format(days.day, '%Y-%m-01') AS DATE) AS value
FROM days ORDER BY days.id IS NULL, days.id;

-- moments: ISO week
SELECT days.id, weekofyear(days.day) AS value
FROM days ORDER BY days.id IS NULL, days.id;

-- casts: text to a whole number
SELECT spellings.id, CASE WHEN (((CONVERT(spellings.s USING utf8mb4) COLLATE utf8mb4_nopad_bin) REGEXP '^ *[+-]?[0-9]+ *\\z') AND round(CAST((CONVERT(spellings.s USING utf8mb4) COLLATE utf8mb4_nopad_bin) AS DECIMAL(65, 30))) BETWEEN -2147483648 AND 2147483647) THEN CAST((CONVERT(spellings.s USING utf8mb4) COLLATE utf8mb4_nopad_bin) AS SIGNED) ELSE column_get(concat('not a whole number: ', (CONVERT(spellings.s USING utf8mb4) COLLATE utf8mb4_nopad_bin)), 'a' AS SIGNED) END AS value
FROM spellings
WHERE spellings.id IN (1, 2);

-- casts: a try of text as a float
SELECT spellings.id, CASE WHEN (((CONVERT(spellings.s USING utf8mb4) COLLATE utf8mb4_nopad_bin) REGEXP '^ *[+-]?([0-9]+[.]?[0-9]*|[.][0-9]+)([eE][+-]?[0-9]{1,3})? *\\z') AND (abs(CAST((CONVERT(spellings.s USING utf8mb4) COLLATE utf8mb4_nopad_bin) AS DOUBLE)) < 1.7976931348623157e308)) THEN CAST((CONVERT(spellings.s USING utf8mb4) COLLATE utf8mb4_nopad_bin) AS DOUBLE) ELSE NULL END AS value
FROM spellings ORDER BY spellings.id IS NULL, spellings.id;

-- casts: a float to text has a point
SELECT numbers.id, CASE WHEN (numbers.x = truncate(numbers.x, 0) AND abs(numbers.x) < 1e16) THEN concat(CAST(CAST(numbers.x AS SIGNED) AS CHAR), '.0') ELSE CAST(numbers.x AS CHAR) END AS value
FROM numbers ORDER BY numbers.id IS NULL, numbers.id;

-- functions: greatest leaves NULL out
SELECT numbers.id, greatest(coalesce(numbers.a, numbers.b), coalesce(numbers.b, numbers.a)) AS value
FROM numbers ORDER BY numbers.id IS NULL, numbers.id;

-- functions: round of a decimal
SELECT numbers.id, round(numbers.d, 1) AS value
FROM numbers ORDER BY numbers.id IS NULL, numbers.id;

-- functions: when and otherwise
SELECT numbers.id, CASE WHEN (numbers.a > 5) THEN 1 WHEN (numbers.a > 0) THEN 2 ELSE 3 END AS value
FROM numbers ORDER BY numbers.id IS NULL, numbers.id;

-- text functions: length counts characters
SELECT texts.id, char_length((CONVERT(texts.s USING utf8mb4) COLLATE utf8mb4_nopad_bin)) AS value
FROM texts ORDER BY texts.id IS NULL, texts.id;

-- text functions: slice from the end
SELECT texts.id, right((CONVERT(texts.u USING utf8mb4) COLLATE utf8mb4_nopad_bin), 3) AS value
FROM texts ORDER BY texts.id IS NULL, texts.id;

-- text functions: concat_ws leaves NULL out
SELECT texts.id, concat_ws('/', (CONVERT(texts.s USING utf8mb4) COLLATE utf8mb4_nopad_bin), (CONVERT(texts.u USING utf8mb4) COLLATE utf8mb4_nopad_bin)) AS value
FROM texts ORDER BY texts.id IS NULL, texts.id;

-- projections: each step reads the one before
SELECT (numbers.a + 1) * 2 AS a
FROM numbers;

-- projections: names with blanks and quotes
SELECT numbers.a AS `a b`, numbers.b AS `q"q`, numbers.a AS `100%`, numbers.b AS `order`
FROM numbers
 LIMIT 0;

-- projections: names that differ in case, nested
WITH numbers_distinct AS
(SELECT DISTINCT numbers.a AS v, numbers.b AS `V_2`
FROM numbers)
 SELECT numbers_distinct.v, numbers_distinct.`V_2` AS `V`
FROM numbers_distinct
WHERE numbers_distinct.`V_2` > 0;

-- projections: where after a limit
WITH numbers_limited AS
(SELECT numbers.id AS id, numbers.a AS a
FROM numbers ORDER BY numbers.id IS NULL, numbers.id
 LIMIT 2)
 SELECT numbers_limited.id
FROM numbers_limited
WHERE numbers_limited.a < 0 ORDER BY numbers_limited.id IS NULL, numbers_limited.id;

-- projections: where on a computed column
SELECT numbers.id
FROM numbers
WHERE (numbers.a + numbers.b) > 5;

-- projections: distinct
SELECT DISTINCT numbers.b
FROM numbers;

-- projections: fillna
SELECT coalesce(sales.id, 0) AS id, coalesce(sales.n, 0) AS n
FROM sales
WHERE sales.id < 4;

-- ordering: down, NULL first
SELECT sales.id
FROM sales ORDER BY sales.n IS NOT NULL, sales.n DESC;

-- ordering: limit and offset
SELECT sales.id
FROM sales ORDER BY sales.id IS NULL, sales.id
 LIMIT 3, 2;

-- ordering: a computed column of the name of another
SELECT sales.id
FROM sales ORDER BY coalesce(sales.n, 0) IS NULL, coalesce(sales.n, 0);

-- ordering: drop_duplicates keeps the first
WITH sales_windowed AS
(SELECT sales.id AS id, row_number() OVER (PARTITION BY (CONVERT(sales.team USING utf8mb4) COLLATE utf8mb4_nopad_bin) ORDER BY sales.id IS NULL, sales.id) = 1 AS value
FROM sales)
 SELECT sales_windowed.id
FROM sales_windowed
WHERE sales_windowed.value = 1 ORDER BY sales_windowed.id IS NULL, sales_windowed.id;

-- aggregates: avg of whole numbers is a float
SELECT avg(CAST(sales.n AS DOUBLE)) AS value
FROM sales;

-- aggregates: sum of whole numbers is whole
SELECT CAST(sum(sales.n) AS SIGNED INTEGER) AS value
FROM sales;

-- aggregates: count of a filter
SELECT count(CASE WHEN (sales.n > 1) THEN 1 END) AS value
FROM sales;

-- aggregates: count of different values
SELECT count(DISTINCT (CONVERT(sales.team USING utf8mb4) COLLATE utf8mb4_nopad_bin)) AS value
FROM sales;

-- groups: by a key with a constant in it
WITH sales_computed AS
(SELECT concat((CONVERT(sales.team USING utf8mb4) COLLATE utf8mb4_nopad_bin), '!') AS team
FROM sales)
 SELECT sales_computed.team, count(*) AS n
FROM sales_computed GROUP BY sales_computed.team;

-- groups: having
SELECT CONVERT(sales.team USING utf8mb4) COLLATE utf8mb4_nopad_bin AS team, max(sales.n) AS n
FROM sales GROUP BY CONVERT(sales.team USING utf8mb4) COLLATE utf8mb4_nopad_bin
HAVING count(*) > 1;

-- groups: of groups
WITH sales_grouped AS
(SELECT count(*) AS k
FROM sales GROUP BY CONVERT(sales.team USING utf8mb4) COLLATE utf8mb4_nopad_bin)
 SELECT sales_grouped.k, count(*) AS n
FROM sales_grouped GROUP BY sales_grouped.k;

-- groups: rollup
WITH sales_filtered AS
(SELECT CONVERT(sales.team USING utf8mb4) COLLATE utf8mb4_nopad_bin AS team, sales.day AS day, sales.n AS n
FROM sales
WHERE sales.n < 4),
sales_filtered_combined AS
(SELECT sales_filtered.day AS day, sales_filtered.team AS team, CAST(sum(sales_filtered.n) AS SIGNED INTEGER) AS n
FROM sales_filtered GROUP BY sales_filtered.day, sales_filtered.team UNION ALL SELECT sales_filtered.day AS day, NULL AS team, CAST(sum(sales_filtered.n) AS SIGNED INTEGER) AS n
FROM sales_filtered GROUP BY sales_filtered.day UNION ALL SELECT NULL AS day, NULL AS team, CAST(sum(sales_filtered.n) AS SIGNED INTEGER) AS n
FROM sales_filtered)
 SELECT sales_filtered_combined.day, sales_filtered_combined.team, sales_filtered_combined.n
FROM sales_filtered_combined;

-- groups: pivot
SELECT sales.day, CAST(sum(CASE WHEN ((CONVERT(sales.team USING utf8mb4) COLLATE utf8mb4_nopad_bin) = 'a') THEN sales.n END) AS SIGNED INTEGER) AS a, CAST(sum(CASE WHEN ((CONVERT(sales.team USING utf8mb4) COLLATE utf8mb4_nopad_bin) = 'b') THEN sales.n END) AS SIGNED INTEGER) AS b
FROM sales GROUP BY sales.day;

-- windows: sum of rows beside
SELECT sales.id, CAST(sum(sales.n) OVER (ORDER BY sales.id IS NULL, sales.id ROWS BETWEEN 1 PRECEDING AND 1 FOLLOWING) AS SIGNED INTEGER) AS value
FROM sales ORDER BY sales.id IS NULL, sales.id;

-- windows: a filter on a window
WITH sales_windowed AS
(SELECT sales.id AS id, row_number() OVER (PARTITION BY (CONVERT(sales.team USING utf8mb4) COLLATE utf8mb4_nopad_bin) ORDER BY sales.id IS NULL, sales.id) = 1 AS value
FROM sales)
 SELECT sales_windowed.id
FROM sales_windowed
WHERE sales_windowed.value = 1;

-- windows: rank of text by code point, NULL last
SELECT sales.id, rank() OVER (ORDER BY (CONVERT(sales.team USING utf8mb4) COLLATE utf8mb4_nopad_bin) IS NULL, (CONVERT(sales.team USING utf8mb4) COLLATE utf8mb4_nopad_bin)) AS value
FROM sales ORDER BY sales.id IS NULL, sales.id;

-- joins: left by name
SELECT sales.id, CONVERT(sales.team USING utf8mb4) COLLATE utf8mb4_nopad_bin AS team, CONVERT(teams.city USING utf8mb4) COLLATE utf8mb4_nopad_bin AS city
FROM sales LEFT OUTER JOIN teams ON (CONVERT(sales.team USING utf8mb4) COLLATE utf8mb4_nopad_bin) = (CONVERT(teams.team USING utf8mb4) COLLATE utf8mb4_nopad_bin);

-- joins: full by name
SELECT sales.id AS id, coalesce(CONVERT(sales.team USING utf8mb4) COLLATE utf8mb4_nopad_bin, CONVERT(teams.team USING utf8mb4) COLLATE utf8mb4_nopad_bin) AS team, CONVERT(teams.city USING utf8mb4) COLLATE utf8mb4_nopad_bin AS city
FROM sales LEFT OUTER JOIN teams ON (CONVERT(sales.team USING utf8mb4) COLLATE utf8mb4_nopad_bin) = (CONVERT(teams.team USING utf8mb4) COLLATE utf8mb4_nopad_bin) UNION ALL SELECT NULL AS id, CONVERT(teams.team USING utf8mb4) COLLATE utf8mb4_nopad_bin AS team, CONVERT(teams.city USING utf8mb4) COLLATE utf8mb4_nopad_bin AS city
FROM teams
WHERE NOT (EXISTS (SELECT 1
FROM sales
WHERE (CONVERT(sales.team USING utf8mb4) COLLATE utf8mb4_nopad_bin) = (CONVERT(teams.team USING utf8mb4) COLLATE utf8mb4_nopad_bin)));

-- joins: full, then a filter and an order
WITH joined_combined AS
(SELECT sales.id AS id, CONVERT(teams.city USING utf8mb4) COLLATE utf8mb4_nopad_bin AS city
FROM sales LEFT OUTER JOIN teams ON (CONVERT(sales.team USING utf8mb4) COLLATE utf8mb4_nopad_bin) = (CONVERT(teams.team USING utf8mb4) COLLATE utf8mb4_nopad_bin) UNION ALL SELECT NULL AS id, CONVERT(teams.city USING utf8mb4) COLLATE utf8mb4_nopad_bin AS city
FROM teams
WHERE NOT (EXISTS (SELECT 1
FROM sales
WHERE (CONVERT(sales.team USING utf8mb4) COLLATE utf8mb4_nopad_bin) = (CONVERT(teams.team USING utf8mb4) COLLATE utf8mb4_nopad_bin))))
 SELECT joined_combined.city
FROM joined_combined
WHERE joined_combined.id IS NULL ORDER BY joined_combined.city IS NULL, joined_combined.city;

-- joins: anti is not fooled by NULL
SELECT sales.id
FROM sales
WHERE NOT (EXISTS (SELECT 1
FROM teams
WHERE (CONVERT(sales.team USING utf8mb4) COLLATE utf8mb4_nopad_bin) = (CONVERT(teams.team USING utf8mb4) COLLATE utf8mb4_nopad_bin)));

-- joins: a table with itself
WITH numbers_computed AS
(SELECT numbers.id AS id, numbers.b AS b
FROM numbers)
 SELECT numbers_computed.id, numbers_computed_2.id AS id_right
FROM numbers_computed INNER JOIN numbers_computed AS numbers_computed_2 ON numbers_computed.id = numbers_computed_2.b;

-- joins: a join of groups
WITH sales_grouped AS
(SELECT CONVERT(sales.team USING utf8mb4) COLLATE utf8mb4_nopad_bin AS team, count(*) AS n
FROM sales GROUP BY CONVERT(sales.team USING utf8mb4) COLLATE utf8mb4_nopad_bin)
 SELECT CONVERT(teams.city USING utf8mb4) COLLATE utf8mb4_nopad_bin AS city, sales_grouped.n
FROM teams INNER JOIN sales_grouped ON (CONVERT(teams.team USING utf8mb4) COLLATE utf8mb4_nopad_bin) = sales_grouped.team;

-- joins: in a frame
SELECT sales.id
FROM sales
WHERE EXISTS (SELECT 1
FROM teams
WHERE CONVERT(teams.team USING utf8mb4) COLLATE utf8mb4_nopad_bin = CONVERT(sales.team USING utf8mb4) COLLATE utf8mb4_nopad_bin);

-- joins: a scalar of a frame
SELECT sales.id
FROM sales
WHERE sales.n > (SELECT avg(CAST(sales_2.n AS DOUBLE)) AS m
FROM sales AS sales_2);

-- sets: union, then intersect
WITH sales_combined AS
(SELECT CONVERT(sales.team USING utf8mb4) COLLATE utf8mb4_nopad_bin AS team
FROM sales UNION SELECT CONVERT(teams.team USING utf8mb4) COLLATE utf8mb4_nopad_bin AS team
FROM teams),
sales_combined_2 AS
(SELECT sales_combined.team AS team
FROM sales_combined INTERSECT SELECT CONVERT(teams.team USING utf8mb4) COLLATE utf8mb4_nopad_bin AS team
FROM teams)
 SELECT sales_combined_2.team
FROM sales_combined_2;

-- sets: except_ of an except_
WITH teams_combined AS
(SELECT CONVERT(teams.team USING utf8mb4) COLLATE utf8mb4_nopad_bin AS team
FROM teams EXCEPT SELECT CONVERT(sales.team USING utf8mb4) COLLATE utf8mb4_nopad_bin AS team
FROM sales),
sales_combined AS
(SELECT CONVERT(sales.team USING utf8mb4) COLLATE utf8mb4_nopad_bin AS team
FROM sales EXCEPT SELECT teams_combined.team AS team
FROM teams_combined)
 SELECT sales_combined.team
FROM sales_combined;

-- sets: of limits
WITH sales_limited AS
(SELECT CONVERT(sales.team USING utf8mb4) COLLATE utf8mb4_nopad_bin AS team, sales.id AS value
FROM sales ORDER BY sales.id IS NULL, sales.id
 LIMIT 1),
sales_limited_2 AS
(SELECT CONVERT(sales.team USING utf8mb4) COLLATE utf8mb4_nopad_bin AS team, sales.id AS value
FROM sales ORDER BY sales.id DESC
 LIMIT 1),
sales_combined AS
(SELECT sales_limited.team AS team
FROM sales_limited UNION ALL SELECT sales_limited_2.team AS team
FROM sales_limited_2)
 SELECT sales_combined.team
FROM sales_combined;

-- programs: a frame used twice
WITH sales_grouped AS
(SELECT CONVERT(sales.team USING utf8mb4) COLLATE utf8mb4_nopad_bin AS team, CAST(sum(sales.n) AS SIGNED INTEGER) AS n
FROM sales GROUP BY CONVERT(sales.team USING utf8mb4) COLLATE utf8mb4_nopad_bin),
sales_grouped_2 AS
(SELECT max(sales_grouped.n) AS most
FROM sales_grouped)
 SELECT sales_grouped.team
FROM sales_grouped INNER JOIN sales_grouped_2 ON true = 1
WHERE sales_grouped.n = sales_grouped_2.most;

-- programs: a program of many verbs
SELECT CONVERT(teams.city USING utf8mb4) COLLATE utf8mb4_nopad_bin AS city, CAST(sum(sales.n) AS SIGNED INTEGER) AS total
FROM sales LEFT OUTER JOIN teams ON (CONVERT(sales.team USING utf8mb4) COLLATE utf8mb4_nopad_bin) = (CONVERT(teams.team USING utf8mb4) COLLATE utf8mb4_nopad_bin)
WHERE sales.n IS NOT NULL GROUP BY CONVERT(teams.city USING utf8mb4) COLLATE utf8mb4_nopad_bin
HAVING (CAST(sum(sales.n) AS SIGNED INTEGER)) > 1 ORDER BY total DESC, CONVERT(teams.city USING utf8mb4) COLLATE utf8mb4_nopad_bin IS NULL, CONVERT(teams.city USING utf8mb4) COLLATE utf8mb4_nopad_bin
 LIMIT 2;
