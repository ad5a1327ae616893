-- arithmetic: // floors, and by zero is NULL
SELECT id, ((a - (a % nullif(b, 0) + b) % nullif(b, 0)) / nullif(b, 0)) AS value
FROM numbers
ORDER BY id NULLS LAST;

-- arithmetic: % has the sign of the divisor, and by zero is NULL
SELECT id, (a % nullif(b, 0) + b) % nullif(b, 0) AS value
FROM numbers
ORDER BY id NULLS LAST;

-- arithmetic: / never cuts, and by zero is NULL
SELECT id, CAST(a AS REAL) / nullif(b, 0) AS value
FROM numbers
ORDER BY id NULLS LAST;

-- arithmetic: / of a quotient
SELECT id, CAST(a AS REAL) / nullif(CAST(b AS REAL) / 2, 0) AS value
FROM numbers
ORDER BY id NULLS LAST;

-- arithmetic: % of floats has the sign of the divisor
SELECT id, (x - 1 * (round(x / 1) - (round(x / 1) > (x / 1)))) AS value
FROM numbers
ORDER BY id NULLS LAST;

-- arithmetic: // of floats floors
SELECT id, (round(x / 1) - (round(x / 1) > (x / 1))) AS value
FROM numbers
ORDER BY id NULLS LAST;

-- arithmetic: - of a difference
SELECT id, a - (b - 1) AS value
FROM numbers
ORDER BY id NULLS LAST;

-- comparisons: = None is IS NULL
SELECT id, a IS NULL AS value
FROM numbers
ORDER BY id NULLS LAST;

-- comparisons: not between
SELECT id, a NOT BETWEEN 6 AND 7 AS value
FROM numbers
ORDER BY id NULLS LAST;

-- comparisons: not in a list
SELECT id, (a NOT IN (5, -7)) AS value
FROM numbers
ORDER BY id NULLS LAST;

-- comparisons: a whole number and a decimal
SELECT id, b >= d AS value
FROM numbers
ORDER BY id NULLS LAST;

-- logic: not of and
SELECT id, NOT (f = 1 AND g = 1) AS value
FROM flags
ORDER BY id NULLS LAST;

-- logic: or before and needs its brackets
SELECT id, (f = 1 OR g = 1) AND g = 0 AS value
FROM flags
ORDER BY id NULLS LAST;

-- logic: a flag equal to True
SELECT id, f = 1 AS value
FROM flags
ORDER BY id NULLS LAST;

-- logic: a filter of a negation leaves NULL out
SELECT id
FROM flags
WHERE f = 0;

-- texts: = tells a blank at the end
SELECT id, s = 'a' AS value
FROM texts
ORDER BY id NULLS LAST;

-- texts: < by code point
SELECT id, s < 'a' AS value
FROM texts
ORDER BY id NULLS LAST;

-- texts: like with an escape
SELECT id, u GLOB 'a_b%?' AS value
FROM texts
ORDER BY id NULLS LAST;

-- texts: like tells capitals
SELECT id, s GLOB 'b' AS value
FROM texts
ORDER BY id NULLS LAST;

-- texts: ilike does not tell capitals
SELECT id, lower(s) LIKE lower('B') AS value
FROM texts
ORDER BY id NULLS LAST;

-- texts: contains takes % as it is
SELECT id, u GLOB '*%*' AS value
FROM texts
ORDER BY id NULLS LAST;

-- texts: + of columns, NULL swallows
SELECT id, u || s AS value
FROM texts
ORDER BY id NULLS LAST;

-- texts: a value with a backslash
SELECT id, 'a\''b\n' AS value
FROM texts
ORDER BY id NULLS LAST;

-- texts: order by code point
SELECT s, id AS n
FROM texts
ORDER BY s NULLS LAST;

-- texts: groups tell capitals and blanks
SELECT s, count(*) AS n
FROM texts
GROUP BY s;

-- moments: a date in texts and dates
SELECT id, day IN ('2022-12-30', '2024-02-29') AS value
FROM days
ORDER BY id NULLS LAST;

-- moments: a moment > a date
SELECT id, moment > '2022-12-30 00:00:00.000000' AS value
FROM days
ORDER BY id NULLS LAST;

-- moments: a date = a moment at midnight
SELECT id, (day || ' 00:00:00.000000') = moment AS value
FROM days
ORDER BY id NULLS LAST;

-- moments: a moment with microseconds
SELECT id, '2022-01-02 03:04:05.678901' AS value
FROM days
ORDER BY id NULLS LAST;

-- moments: date_trunc to the month
SELECT id, strftime('%Y-%m-01', day) AS value
FROM days
ORDER BY id NULLS LAST;

-- moments: ISO week
SELECT id, ((strftime('%j', date(substr(day, 1, 10), '-3 days', 'weekday 4')) - 1) / 7 + 1) AS value
FROM days
ORDER BY id NULLS LAST;

-- casts: text to a whole number
SELECT id, pydbt_cast(s, 'integer(32)') AS value
FROM spellings
WHERE id IN (1, 2);

-- casts: a try of text as a float
SELECT id, pydbt_try_cast(s, 'float') AS value
FROM spellings
ORDER BY id NULLS LAST;

-- casts: a float to text has a point
SELECT id, pydbt_cast(x, 'text') AS value
FROM numbers
ORDER BY id NULLS LAST;

-- functions: greatest leaves NULL out
SELECT id, pydbt_greatest(a, b) AS value
FROM numbers
ORDER BY id NULLS LAST;

-- functions: round of a decimal
SELECT id, pydbt_round_decimal(d, 1) AS value
FROM numbers
ORDER BY id NULLS LAST;

-- functions: when and otherwise
SELECT id, CASE WHEN (a > 5) THEN 1 WHEN (a > 0) THEN 2 ELSE 3 END AS value
FROM numbers
ORDER BY id NULLS LAST;

-- text functions: length counts characters
SELECT id, length(s) AS value
FROM texts
ORDER BY id NULLS LAST;

-- text functions: slice from the end
SELECT id, substr(u, -3) AS value
FROM texts
ORDER BY id NULLS LAST;

-- text functions: concat_ws leaves NULL out
SELECT id, pydbt_concat_ws('/', s, u) AS value
FROM texts
ORDER BY id NULLS LAST;

-- projections: each step reads the one before
SELECT (numbers.a + 1) * 2 AS a
FROM numbers;

-- projections: names with blanks and quotes
SELECT a AS "a b", b AS "q""q", a AS "100%", b AS "order"
FROM numbers
LIMIT 0 OFFSET 0;

-- projections: names that differ in case, nested
WITH numbers_distinct AS
(SELECT DISTINCT a AS v, b AS "V_2"
FROM numbers)
SELECT numbers_distinct.v, numbers_distinct."V_2" AS "V"
FROM numbers_distinct
WHERE numbers_distinct."V_2" > 0;

-- projections: where after a limit
WITH numbers_limited AS
(SELECT id, a
FROM numbers
ORDER BY id NULLS LAST
LIMIT 2 OFFSET 0)
SELECT id
FROM numbers_limited
WHERE a < 0
ORDER BY id NULLS LAST;

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
ORDER BY n DESC NULLS FIRST;

-- ordering: limit and offset
SELECT id
FROM sales
ORDER BY id NULLS LAST
LIMIT 2 OFFSET 3;

-- ordering: a computed column of the name of another
SELECT id
FROM sales
ORDER BY coalesce(n, 0) NULLS LAST;

-- ordering: drop_duplicates keeps the first
WITH sales_windowed AS
(SELECT id, row_number() OVER (PARTITION BY team ORDER BY id NULLS LAST) = 1 AS value
FROM sales)
SELECT id
FROM sales_windowed
WHERE value = 1
ORDER BY id NULLS LAST;

-- aggregates: avg of whole numbers is a float
SELECT avg(n) AS value
FROM sales;

-- aggregates: sum of whole numbers is whole
SELECT sum(n) AS value
FROM sales;

-- aggregates: count of a filter
SELECT count(*) FILTER (WHERE n > 1) AS value
FROM sales;

-- aggregates: count of different values
SELECT count(DISTINCT team) AS value
FROM sales;

-- groups: by a key with a constant in it
WITH sales_computed AS
(SELECT sales.team || '!' AS team
FROM sales)
SELECT team, count(*) AS n
FROM sales_computed
GROUP BY team;

-- groups: having
SELECT team, max(sales.n) AS n
FROM sales
GROUP BY team
HAVING count(*) > 1;

-- groups: of groups
WITH sales_grouped AS
(SELECT count(*) AS k
FROM sales
GROUP BY team)
SELECT k, count(*) AS n
FROM sales_grouped
GROUP BY k;

-- groups: rollup
WITH sales_filtered AS
(SELECT team, day, n
FROM sales
WHERE n < 4),
sales_filtered_combined AS
(SELECT sales_filtered.day AS day, sales_filtered.team AS team, sum(sales_filtered.n) AS n
FROM sales_filtered
GROUP BY sales_filtered.day, sales_filtered.team UNION ALL SELECT sales_filtered.day AS day, NULL AS team, sum(sales_filtered.n) AS n
FROM sales_filtered
GROUP BY sales_filtered.day UNION ALL SELECT NULL AS day, NULL AS team, sum(sales_filtered.n) AS n
FROM sales_filtered)
SELECT day, team, n
FROM sales_filtered_combined;

-- groups: pivot
SELECT day, sum(n) FILTER (WHERE team = 'a') AS a, sum(n) FILTER (WHERE team = 'b') AS b
FROM sales
GROUP BY day;

-- windows: sum of rows beside
SELECT id, sum(n) OVER (ORDER BY id NULLS LAST ROWS BETWEEN 1 PRECEDING AND 1 FOLLOWING) AS value
FROM sales
ORDER BY id NULLS LAST;

-- windows: a filter on a window
WITH sales_windowed AS
(SELECT id, row_number() OVER (PARTITION BY team ORDER BY id NULLS LAST) = 1 AS value
FROM sales)
SELECT id
FROM sales_windowed
WHERE value = 1;

-- windows: rank of text by code point, NULL last
SELECT id, rank() OVER (ORDER BY team NULLS LAST) AS value
FROM sales
ORDER BY id NULLS LAST;

-- joins: left by name
SELECT sales.id, sales.team, teams.city
FROM sales LEFT OUTER JOIN teams ON sales.team = teams.team;

-- joins: full by name
SELECT sales.id, coalesce(sales.team, teams.team) AS team, teams.city
FROM sales FULL OUTER JOIN teams ON sales.team = teams.team;

-- joins: full, then a filter and an order
SELECT teams.city
FROM sales FULL OUTER JOIN teams ON sales.team = teams.team
WHERE sales.id IS NULL
ORDER BY teams.city NULLS LAST;

-- joins: anti is not fooled by NULL
SELECT id
FROM sales
WHERE NOT (EXISTS (SELECT 1
FROM teams
WHERE sales.team = teams.team));

-- joins: a table with itself
WITH numbers_computed AS
(SELECT id, b
FROM numbers)
SELECT numbers_computed.id, numbers_computed_2.id AS id_right
FROM numbers_computed JOIN numbers_computed AS numbers_computed_2 ON numbers_computed.id = numbers_computed_2.b;

-- joins: a join of groups
WITH sales_grouped AS
(SELECT team, count(*) AS n
FROM sales
GROUP BY team)
SELECT teams.city, sales_grouped.n
FROM teams JOIN sales_grouped ON teams.team = sales_grouped.team;

-- joins: in a frame
SELECT id
FROM sales
WHERE (team IS NOT NULL AND team IN (SELECT teams.team
FROM teams
WHERE teams.team IS NOT NULL));

-- joins: a scalar of a frame
SELECT id
FROM sales
WHERE n > (SELECT avg(sales_2.n) AS m
FROM sales AS sales_2);

-- sets: union, then intersect
WITH sales_combined AS
(SELECT sales.team AS team
FROM sales UNION SELECT teams.team AS team
FROM teams),
sales_combined_2 AS
(SELECT sales_combined.team AS team
FROM sales_combined INTERSECT SELECT teams.team AS team
FROM teams)
SELECT team
FROM sales_combined_2;

-- sets: except_ of an except_
WITH teams_combined AS
(SELECT teams.team AS team
FROM teams EXCEPT SELECT sales.team AS team
FROM sales),
sales_combined AS
(SELECT sales.team AS team
FROM sales EXCEPT SELECT teams_combined.team AS team
FROM teams_combined)
SELECT team
FROM sales_combined;

-- sets: of limits
WITH sales_limited AS
(SELECT team, id AS value
FROM sales
ORDER BY id NULLS LAST
LIMIT 1 OFFSET 0),
sales_limited_2 AS
(SELECT team, id AS value
FROM sales
ORDER BY id DESC
LIMIT 1 OFFSET 0),
sales_combined AS
(SELECT sales_limited.team AS team
FROM sales_limited UNION ALL SELECT sales_limited_2.team AS team
FROM sales_limited_2)
SELECT team
FROM sales_combined;

-- programs: a frame used twice
WITH sales_grouped AS
(SELECT team, sum(sales.n) AS n
FROM sales
GROUP BY team),
sales_grouped_2 AS
(SELECT max(n) AS most
FROM sales_grouped)
SELECT team
FROM sales_grouped JOIN sales_grouped_2 ON 1 = 1
WHERE n = most;

-- programs: a program of many verbs
SELECT teams.city, sum(sales.n) AS total
FROM sales LEFT OUTER JOIN teams ON sales.team = teams.team
WHERE sales.n IS NOT NULL
GROUP BY teams.city
HAVING (sum(sales.n)) > 1
ORDER BY total DESC, teams.city NULLS LAST
LIMIT 2 OFFSET 0;
