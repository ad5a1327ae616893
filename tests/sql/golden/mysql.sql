-- arithmetic: // floors, and by zero is NULL
SELECT id, ((a - (a % nullif(b, 0) + b) % nullif(b, 0)) DIV nullif(b, 0)) AS value
FROM numbers
ORDER BY id IS NULL, id;

-- arithmetic: % has the sign of the divisor, and by zero is NULL
SELECT id, (a % nullif(b, 0) + b) % nullif(b, 0) AS value
FROM numbers
ORDER BY id IS NULL, id;

-- arithmetic: / never cuts, and by zero is NULL
SELECT id, CAST(a AS DOUBLE) / nullif(b, 0) AS value
FROM numbers
ORDER BY id IS NULL, id;

-- arithmetic: / of a quotient
SELECT id, CAST(a AS DOUBLE) / nullif(CAST(b AS DOUBLE) / 2, 0) AS value
FROM numbers
ORDER BY id IS NULL, id;

-- arithmetic: % of floats has the sign of the divisor
SELECT id, (x - 1 * floor(x / 1)) AS value
FROM numbers
ORDER BY id IS NULL, id;

-- arithmetic: // of floats floors
SELECT id, floor(x / 1) AS value
FROM numbers
ORDER BY id IS NULL, id;

-- arithmetic: - of a difference
SELECT id, a - (b - 1) AS value
FROM numbers
ORDER BY id IS NULL, id;

-- comparisons: = None is IS NULL
SELECT id, a IS NULL AS value
FROM numbers
ORDER BY id IS NULL, id;

-- comparisons: not between
SELECT id, a NOT BETWEEN 6 AND 7 AS value
FROM numbers
ORDER BY id IS NULL, id;

-- comparisons: not in a list
SELECT id, (a NOT IN (5, -7)) AS value
FROM numbers
ORDER BY id IS NULL, id;

-- comparisons: a whole number and a decimal
SELECT id, b >= d AS value
FROM numbers
ORDER BY id IS NULL, id;

-- logic: not of and
SELECT id, NOT (f = 1 AND g = 1) AS value
FROM flags
ORDER BY id IS NULL, id;

-- logic: or before and needs its brackets
SELECT id, (f = 1 OR g = 1) AND g = 0 AS value
FROM flags
ORDER BY id IS NULL, id;

-- logic: a flag equal to True
SELECT id, f = true AS value
FROM flags
ORDER BY id IS NULL, id;

-- logic: a filter of a negation leaves NULL out
SELECT id
FROM flags
WHERE f = 0;

-- texts: = tells a blank at the end
SELECT id, (CONVERT(s USING utf8mb4) COLLATE utf8mb4_nopad_bin) = 'a' AS value
FROM texts
ORDER BY id IS NULL, id;

-- texts: < by code point
SELECT id, (CONVERT(s USING utf8mb4) COLLATE utf8mb4_nopad_bin) < 'a' AS value
FROM texts
ORDER BY id IS NULL, id;

-- texts: like with an escape
SELECT id, (CONVERT(u USING utf8mb4) COLLATE utf8mb4_nopad_bin) LIKE 'a/_b/%_' ESCAPE '/' AS value
FROM texts
ORDER BY id IS NULL, id;

-- texts: like tells capitals
SELECT id, (CONVERT(s USING utf8mb4) COLLATE utf8mb4_nopad_bin) LIKE 'b' ESCAPE 0x01 AS value
FROM texts
ORDER BY id IS NULL, id;

-- texts: ilike does not tell capitals
SELECT id, lower((CONVERT(s USING utf8mb4) COLLATE utf8mb4_nopad_bin)) LIKE lower('B') ESCAPE 0x01 AS value
FROM texts
ORDER BY id IS NULL, id;

-- texts: contains takes % as it is
SELECT id, (CONVERT(u USING utf8mb4) COLLATE utf8mb4_nopad_bin) LIKE concat('%', '/%', '%') ESCAPE '/' AS value
FROM texts
ORDER BY id IS NULL, id;

-- texts: + of columns, NULL swallows
SELECT id, concat((CONVERT(u USING utf8mb4) COLLATE utf8mb4_nopad_bin), (CONVERT(s USING utf8mb4) COLLATE utf8mb4_nopad_bin)) AS value
FROM texts
ORDER BY id IS NULL, id;

-- texts: a value with a backslash
SELECT id, 'a\\''b\\n' AS value
FROM texts
ORDER BY id IS NULL, id;

-- texts: order by code point
SELECT CONVERT(texts.s USING utf8mb4) COLLATE utf8mb4_nopad_bin AS s, id AS n
FROM texts
ORDER BY CONVERT(texts.s USING utf8mb4) COLLATE utf8mb4_nopad_bin IS NULL, CONVERT(texts.s USING utf8mb4) COLLATE utf8mb4_nopad_bin;

-- texts: groups tell capitals and blanks
SELECT CONVERT(texts.s USING utf8mb4) COLLATE utf8mb4_nopad_bin AS s, count(*) AS n
FROM texts
GROUP BY CONVERT(texts.s USING utf8mb4) COLLATE utf8mb4_nopad_bin;

-- moments: a date in texts and dates
SELECT id, day IN (DATE'2022-12-30', DATE'2024-02-29') AS value
FROM days
ORDER BY id IS NULL, id;

-- moments: a moment > a date
SELECT id, moment > TIMESTAMP'2022-12-30 00:00:00' AS value
FROM days
ORDER BY id IS NULL, id;

-- moments: a date = a moment at midnight
SELECT id, day = moment AS value
FROM days
ORDER BY id IS NULL, id;

-- moments: a moment with microseconds
SELECT id, TIMESTAMP'2022-01-02 03:04:05.678901' AS value
FROM days
ORDER BY id IS NULL, id;

-- moments: date_trunc to the month
SELECT id, CAST(date_format(day, '%Y-%m-01') AS DATE) AS value
FROM days
ORDER BY id IS NULL, id;

-- moments: ISO week
SELECT id, weekofyear(day) AS value
FROM days
ORDER BY id IS NULL, id;

-- casts: text to a whole number
SELECT id, CASE WHEN (((CONVERT(s USING utf8mb4) COLLATE utf8mb4_nopad_bin) REGEXP '^ *[+-]?[0-9]+ *\\z') AND round(CAST((CONVERT(s USING utf8mb4) COLLATE utf8mb4_nopad_bin) AS DECIMAL(65, 30))) BETWEEN -2147483648 AND 2147483647) THEN CAST((CONVERT(s USING utf8mb4) COLLATE utf8mb4_nopad_bin) AS SIGNED) ELSE column_get(concat('not a whole number: ', (CONVERT(s USING utf8mb4) COLLATE utf8mb4_nopad_bin)), 'a' AS SIGNED) END AS value
FROM spellings
WHERE id IN (1, 2);

-- casts: a try of text as a float
SELECT id, CASE WHEN (((CONVERT(s USING utf8mb4) COLLATE utf8mb4_nopad_bin) REGEXP '^ *[+-]?([0-9]+[.]?[0-9]*|[.][0-9]+)([eE][+-]?[0-9]{1,3})? *\\z') AND (abs(CAST((CONVERT(s USING utf8mb4) COLLATE utf8mb4_nopad_bin) AS DOUBLE)) < 1.7976931348623157e308)) THEN CAST((CONVERT(s USING utf8mb4) COLLATE utf8mb4_nopad_bin) AS DOUBLE) ELSE NULL END AS value
FROM spellings
ORDER BY id IS NULL, id;

-- casts: a float to text has a point
SELECT id, CASE WHEN (x = truncate(x, 0) AND abs(x) < 1e16) THEN concat(CAST(CAST(x AS SIGNED) AS CHAR), '.0') WHEN (abs(x) BETWEEN 1e-15 AND 9.999999999999999e-5) THEN concat(trim(TRAILING '.' FROM   regexp_replace(CAST(CAST(x AS DOUBLE) AS CHAR), '^(-?)0[.]0*([1-9])', '\\1\\2.')), 'e-', lpad(regexp_instr(CAST(CAST(x AS DOUBLE) AS CHAR), '[1-9]') - instr(CAST(CAST(x AS DOUBLE) AS CHAR), '.'), 2, '0')) ELSE replace(replace(CAST(CAST(x AS DOUBLE) AS CHAR), 'e', 'e+'), 'e+-', 'e-') END AS value
FROM numbers
ORDER BY id IS NULL, id;

-- functions: greatest leaves NULL out
SELECT id, greatest(coalesce(a, b), coalesce(b, a)) AS value
FROM numbers
ORDER BY id IS NULL, id;

-- functions: round of a decimal
SELECT id, round(d, 1) AS value
FROM numbers
ORDER BY id IS NULL, id;

-- functions: when and otherwise
SELECT id, CASE WHEN (a > 5) THEN 1 WHEN (a > 0) THEN 2 ELSE 3 END AS value
FROM numbers
ORDER BY id IS NULL, id;

-- text functions: length counts characters
SELECT id, char_length((CONVERT(s USING utf8mb4) COLLATE utf8mb4_nopad_bin)) AS value
FROM texts
ORDER BY id IS NULL, id;

-- text functions: slice from the end
SELECT id, right((CONVERT(u USING utf8mb4) COLLATE utf8mb4_nopad_bin), 3) AS value
FROM texts
ORDER BY id IS NULL, id;

-- text functions: concat_ws leaves NULL out
SELECT id, concat_ws('/', (CONVERT(s USING utf8mb4) COLLATE utf8mb4_nopad_bin), (CONVERT(u USING utf8mb4) COLLATE utf8mb4_nopad_bin)) AS value
FROM texts
ORDER BY id IS NULL, id;

-- projections: each step reads the one before
SELECT (numbers.a + 1) * 2 AS a
FROM numbers;

-- projections: names with blanks and quotes
SELECT a AS `a b`, b AS `q"q`, a AS `100%`, b AS `order`
FROM numbers
LIMIT 0;

-- projections: names that differ in case, nested
WITH numbers_distinct AS
(SELECT DISTINCT a AS v, b AS `V_2`
FROM numbers)
SELECT numbers_distinct.v, numbers_distinct.`V_2` AS `V`
FROM numbers_distinct
WHERE numbers_distinct.`V_2` > 0;

-- projections: where after a limit
WITH numbers_limited AS
(SELECT id, a
FROM numbers
ORDER BY id IS NULL, id
LIMIT 2)
SELECT id
FROM numbers_limited
WHERE a < 0
ORDER BY id IS NULL, id;

-- projections: where on a computed column
SELECT id
FROM numbers
WHERE (a + b) > 5;

-- projections: distinct
SELECT DISTINCT b
FROM numbers;

-- projections: fillna
SELECT coalesce(sales.id, 0) AS id, coalesce(sales.n, 0) AS n
FROM sales
WHERE sales.id < 4;

-- ordering: down, NULL first
SELECT id
FROM sales
ORDER BY n IS NOT NULL, n DESC;

-- ordering: limit and offset
SELECT id
FROM sales
ORDER BY id IS NULL, id
LIMIT 3, 2;

-- ordering: a computed column of the name of another
SELECT id
FROM sales
ORDER BY coalesce(n, 0) IS NULL, coalesce(n, 0);

-- ordering: drop_duplicates keeps the first
WITH sales_windowed AS
(SELECT id, row_number() OVER (PARTITION BY (CONVERT(team USING utf8mb4) COLLATE utf8mb4_nopad_bin) ORDER BY id IS NULL, id) = 1 AS value
FROM sales)
SELECT id
FROM sales_windowed
WHERE value = 1
ORDER BY id IS NULL, id;

-- aggregates: avg of whole numbers is a float
SELECT avg(CAST(n AS DOUBLE)) AS value
FROM sales;

-- aggregates: sum of whole numbers is whole
SELECT CAST(sum(n) AS SIGNED INTEGER) AS value
FROM sales;

-- aggregates: count of a filter
SELECT count(CASE WHEN (n > 1) THEN 1 END) AS value
FROM sales;

-- aggregates: count of different values
SELECT count(DISTINCT (CONVERT(team USING utf8mb4) COLLATE utf8mb4_nopad_bin)) AS value
FROM sales;

-- groups: by a key with a constant in it
WITH sales_computed AS
(SELECT concat((CONVERT(sales.team USING utf8mb4) COLLATE utf8mb4_nopad_bin), '!') AS team
FROM sales)
SELECT team, count(*) AS n
FROM sales_computed
GROUP BY team;

-- groups: having
SELECT CONVERT(sales.team USING utf8mb4) COLLATE utf8mb4_nopad_bin AS team, max(sales.n) AS n
FROM sales
GROUP BY CONVERT(sales.team USING utf8mb4) COLLATE utf8mb4_nopad_bin
HAVING count(*) > 1;

-- groups: of groups
WITH sales_grouped AS
(SELECT count(*) AS k
FROM sales
GROUP BY CONVERT(team USING utf8mb4) COLLATE utf8mb4_nopad_bin)
SELECT k, count(*) AS n
FROM sales_grouped
GROUP BY k;

-- groups: rollup
WITH sales_filtered AS
(SELECT CONVERT(sales.team USING utf8mb4) COLLATE utf8mb4_nopad_bin AS team, day, n
FROM sales
WHERE n < 4),
sales_filtered_combined AS
(SELECT sales_filtered.day AS day, sales_filtered.team AS team, CAST(sum(sales_filtered.n) AS SIGNED INTEGER) AS n
FROM sales_filtered
GROUP BY sales_filtered.day, sales_filtered.team UNION ALL SELECT sales_filtered.day AS day, NULL AS team, CAST(sum(sales_filtered.n) AS SIGNED INTEGER) AS n
FROM sales_filtered
GROUP BY sales_filtered.day UNION ALL SELECT NULL AS day, NULL AS team, CAST(sum(sales_filtered.n) AS SIGNED INTEGER) AS n
FROM sales_filtered)
SELECT day, team, n
FROM sales_filtered_combined;

-- groups: pivot
SELECT day, CAST(sum(CASE WHEN ((CONVERT(team USING utf8mb4) COLLATE utf8mb4_nopad_bin) = 'a') THEN n END) AS SIGNED INTEGER) AS a, CAST(sum(CASE WHEN ((CONVERT(team USING utf8mb4) COLLATE utf8mb4_nopad_bin) = 'b') THEN n END) AS SIGNED INTEGER) AS b
FROM sales
GROUP BY day;

-- windows: sum of rows beside
SELECT id, CAST(sum(n) OVER (ORDER BY id IS NULL, id ROWS BETWEEN 1 PRECEDING AND 1 FOLLOWING) AS SIGNED INTEGER) AS value
FROM sales
ORDER BY id IS NULL, id;

-- windows: a filter on a window
WITH sales_windowed AS
(SELECT id, row_number() OVER (PARTITION BY (CONVERT(team USING utf8mb4) COLLATE utf8mb4_nopad_bin) ORDER BY id IS NULL, id) = 1 AS value
FROM sales)
SELECT id
FROM sales_windowed
WHERE value = 1;

-- windows: rank of text by code point, NULL last
SELECT id, rank() OVER (ORDER BY (CONVERT(team USING utf8mb4) COLLATE utf8mb4_nopad_bin) IS NULL, (CONVERT(team USING utf8mb4) COLLATE utf8mb4_nopad_bin)) AS value
FROM sales
ORDER BY id IS NULL, id;

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
SELECT city
FROM joined_combined
WHERE id IS NULL
ORDER BY city IS NULL, city;

-- joins: anti is not fooled by NULL
SELECT id
FROM sales
WHERE NOT (EXISTS (SELECT 1
FROM teams
WHERE (CONVERT(sales.team USING utf8mb4) COLLATE utf8mb4_nopad_bin) = (CONVERT(teams.team USING utf8mb4) COLLATE utf8mb4_nopad_bin)));

-- joins: a table with itself
WITH numbers_computed AS
(SELECT id, b
FROM numbers)
SELECT numbers_computed.id, numbers_computed_2.id AS id_right
FROM numbers_computed INNER JOIN numbers_computed AS numbers_computed_2 ON numbers_computed.id = numbers_computed_2.b;

-- joins: a join of groups
WITH sales_grouped AS
(SELECT CONVERT(sales.team USING utf8mb4) COLLATE utf8mb4_nopad_bin AS team, count(*) AS n
FROM sales
GROUP BY CONVERT(sales.team USING utf8mb4) COLLATE utf8mb4_nopad_bin)
SELECT CONVERT(teams.city USING utf8mb4) COLLATE utf8mb4_nopad_bin AS city, sales_grouped.n
FROM teams INNER JOIN sales_grouped ON (CONVERT(teams.team USING utf8mb4) COLLATE utf8mb4_nopad_bin) = sales_grouped.team;

-- joins: in a frame
SELECT id
FROM sales
WHERE EXISTS (SELECT 1
FROM teams
WHERE CONVERT(teams.team USING utf8mb4) COLLATE utf8mb4_nopad_bin = CONVERT(sales.team USING utf8mb4) COLLATE utf8mb4_nopad_bin);

-- joins: a scalar of a frame
SELECT id
FROM sales
WHERE n > (SELECT avg(CAST(sales_2.n AS DOUBLE)) AS m
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
SELECT team
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
SELECT team
FROM sales_combined;

-- sets: of limits
WITH sales_limited AS
(SELECT CONVERT(sales.team USING utf8mb4) COLLATE utf8mb4_nopad_bin AS team, id AS value
FROM sales
ORDER BY id IS NULL, id
LIMIT 1),
sales_limited_2 AS
(SELECT CONVERT(sales.team USING utf8mb4) COLLATE utf8mb4_nopad_bin AS team, id AS value
FROM sales
ORDER BY id DESC
LIMIT 1),
sales_combined AS
(SELECT sales_limited.team AS team
FROM sales_limited UNION ALL SELECT sales_limited_2.team AS team
FROM sales_limited_2)
SELECT team
FROM sales_combined;

-- programs: a frame used twice
WITH sales_grouped AS
(SELECT CONVERT(sales.team USING utf8mb4) COLLATE utf8mb4_nopad_bin AS team, CAST(sum(sales.n) AS SIGNED INTEGER) AS n
FROM sales
GROUP BY CONVERT(sales.team USING utf8mb4) COLLATE utf8mb4_nopad_bin),
sales_grouped_2 AS
(SELECT max(n) AS most
FROM sales_grouped)
SELECT team
FROM sales_grouped INNER JOIN sales_grouped_2 ON true = 1
WHERE n = most;

-- programs: a program of many verbs
SELECT CONVERT(teams.city USING utf8mb4) COLLATE utf8mb4_nopad_bin AS city, CAST(sum(sales.n) AS SIGNED INTEGER) AS total
FROM sales LEFT OUTER JOIN teams ON (CONVERT(sales.team USING utf8mb4) COLLATE utf8mb4_nopad_bin) = (CONVERT(teams.team USING utf8mb4) COLLATE utf8mb4_nopad_bin)
WHERE sales.n IS NOT NULL
GROUP BY CONVERT(teams.city USING utf8mb4) COLLATE utf8mb4_nopad_bin
HAVING (CAST(sum(sales.n) AS SIGNED INTEGER)) > 1
ORDER BY total DESC, CONVERT(teams.city USING utf8mb4) COLLATE utf8mb4_nopad_bin IS NULL, CONVERT(teams.city USING utf8mb4) COLLATE utf8mb4_nopad_bin
LIMIT 2;
